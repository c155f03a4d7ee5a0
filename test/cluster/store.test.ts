import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readCheckpoint } from "../../src/cluster/state.ts";
import {
  abandoned,
  checkPassphrase,
  checkpointKey,
  ensureIdentity,
  ensurePassphrase,
  forgetCluster,
  listClusters,
  lockedError,
  newClusterId,
  readLocks,
  readPassphrase,
  readState,
  rewriteState,
  type Identity,
  type Lock,
} from "../../src/cluster/store.ts";
import { bucketOf } from "../support/memory-bucket.ts";
import { refusedWith } from "../support/errors.ts";

const recorded = readFileSync(new URL("checkpoint.json", import.meta.url), "utf8");
const state = readCheckpoint(Buffer.from(recorded), "k");
const key = ".pulumi/stacks/hailstack/hailstack-c1.json";
const lockKey = ".pulumi/locks/organization/hailstack/hailstack-c1/u1.json";
const identity: Identity = {
  cluster_id: "a",
  project_id: "p",
  project: "demo",
  region: "R",
  created_at: "2026-01-02T03:04:05Z",
};

describe("the stored state", () => {
  test("lies where the engine keeps it", async () => {
    expect(checkpointKey("c1")).toBe(key);
    const bucket = bucketOf({ [key]: recorded });
    expect((await readState(bucket, "c1"))?.outputs?.cluster_id).toBe("0123456789abcdef");
    expect(bucket.requests).toEqual([`get ${key}`]);
  });

  test("of a cluster that was never made is none", async () => {
    expect(await readState(bucketOf({ [`${key}.bak`]: recorded }), "c1")).toBeUndefined();
  });

  test("is put back changed, and not at all where there is none", async () => {
    const bucket = bucketOf({ [key]: recorded });
    await rewriteState(bucket, "c1", (bytes) => Buffer.from(bytes).toString().replace("c1-vol", "c2-vol"));
    expect(bucket.text(key)).toBe(recorded.replace("c1-vol", "c2-vol"));
    await rewriteState(bucket, "c2", () => "must not be asked");
    expect(bucket.keys()).toEqual([key]);
  });
});

test("the clusters of a bucket are its checkpoints, not their backups, tags or other people's", async () => {
  const at = (name: string) => `.pulumi/stacks/hailstack/${name}`;
  const keys = [
    "hailstack-c1.json",
    "hailstack-c1.json.bak",
    "hailstack-b-2.json",
    "hailstack-c1.pulumi-tags",
    "other.json",
    "hailstack-x/y.json",
  ];
  const bucket = bucketOf({
    ...Object.fromEntries(keys.map((name) => [at(name), ""])),
    ".pulumi/stacks/other/hailstack-c9.json": "",
  });
  expect(await listClusters(bucket)).toEqual(["b-2", "c1"]);
  expect(bucket.requests).toHaveLength(1);
});

describe("who comes first makes the identity", () => {
  test("and everybody after it gets the same", async () => {
    const bucket = bucketOf({});
    const racers = Array.from({ length: 20 }, (_, number) =>
      ensureIdentity(bucket, "c1", { ...identity, cluster_id: `id-${number}` }),
    );
    const ids = new Set((await Promise.all(racers)).map(({ cluster_id }) => cluster_id));
    expect(ids.size).toBe(1);
    expect(JSON.parse(bucket.text("hailstack/c1/identity.json"))).toMatchObject({ cluster_id: [...ids][0] });
  });

  test("with 64 random bits that fit into any tag", () => {
    const ids = Array.from({ length: 100 }, newClusterId);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe("the passphrase", () => {
  test("is made once, of 256 bits, however many begin at once", async () => {
    const bucket = bucketOf({});
    const made = new Set(await Promise.all(Array.from({ length: 20 }, () => ensurePassphrase(bucket, "c1", {}))));
    expect(made.size).toBe(1);
    expect(Buffer.from([...made][0] ?? "", "base64url")).toHaveLength(32);
    expect(await readPassphrase(bucket, "c1", {})).toBe([...made][0]);
    expect(await ensurePassphrase(bucket, "c1", {})).toBe([...made][0]);
  });

  test.for([
    [{ HAILSTACK_STATE_PASSPHRASE: "one", PULUMI_CONFIG_PASSPHRASE: "two" }, "one"],
    [{ PULUMI_CONFIG_PASSPHRASE: "two" }, "two"],
    [{ HAILSTACK_STATE_PASSPHRASE: "", PULUMI_CONFIG_PASSPHRASE: "two" }, "two"],
    [{ HAILSTACK_STATE_PASSPHRASE: "" }, "stored"],
  ] as const)("of the site comes before the cluster's own: %j", async ([env, passphrase]) => {
    const bucket = bucketOf({ "hailstack/c1/passphrase": "stored\n" });
    expect(await readPassphrase(bucket, "c1", env)).toBe(passphrase);
    expect(await ensurePassphrase(bucket, "c1", env)).toBe(passphrase);
  });

  test("of the site is never written into the bucket", async () => {
    const bucket = bucketOf({});
    await ensurePassphrase(bucket, "c1", { HAILSTACK_STATE_PASSPHRASE: "one" });
    expect(bucket.keys()).toEqual([]);
  });

  test("that made a real state opens it", async () => {
    await expect(checkPassphrase(state, "p", {})).resolves.toBeUndefined();
  });

  test.for([
    [{}, "the one in the state bucket"],
    [{ HAILSTACK_STATE_PASSPHRASE: "canary-q" }, "HAILSTACK_STATE_PASSPHRASE"],
    [{ PULUMI_CONFIG_PASSPHRASE: "canary-q" }, "PULUMI_CONFIG_PASSPHRASE"],
  ] as const)("that did not is refused, and not shown: %j", async ([env, source]) => {
    expect(await refusedWith(checkPassphrase(state, "canary-q", env))).toEqual([
      4,
      "state-passphrase",
      `the state is encrypted with another passphrase than ${source}`,
    ]);
  });

  test.for(["", "v1", "v1:AAAA:v1:AAAA:AAAA", "nonsense", "v1:lmW0DA5uNa0=:v1:fxuWsRA5aU0niRdV:"])(
    "against the salt %j proves nothing",
    async (salt) => {
      expect((await refusedWith(checkPassphrase({ ...state, salt }, "p", {})))[1]).toBe("state-passphrase");
    },
  );

  test("of a state without a salt is not asked for", async () => {
    const { salt: _, ...bare } = state;
    await expect(checkPassphrase(bare, "anything", {})).resolves.toBeUndefined();
  });
});

describe("locks", () => {
  const here = { hostname: "here", alive: (pid: number) => pid === 1 };
  const now = new Date("2026-01-02T03:14:05Z");
  const lock = (more: Partial<Lock>): Lock => ({
    key: lockKey,
    pid: 1,
    username: "ann",
    hostname: "here",
    timestamp: "2026-01-02T03:04:05Z",
    ...more,
  });

  test("are read as the engine writes them", async () => {
    const content = { pid: 7, username: "ann", hostname: "there", timestamp: "2026-01-02T03:04:05.678Z", more: 1 };
    const bucket = bucketOf({ [lockKey]: JSON.stringify(content), [lockKey.replace("-c1/", "-c12/")]: "{}" });
    expect(await readLocks(bucket, "c1")).toMatchObject([{ key: lockKey, pid: 7, username: "ann", hostname: "there" }]);
    expect(await readLocks(bucket, "c2")).toEqual([]);
  });

  test.for([
    ["a process that lives here", lock({}), false],
    ["a process that is gone from here", lock({ pid: 2 }), true],
    ["a process of another machine, of which nobody can tell", lock({ pid: 2, hostname: "there" }), false],
  ] as const)("%s: abandoned is %s", ([, held, gone]) => {
    expect(abandoned(held, here)).toBe(gone);
  });

  test("of the living are told with owner, host, process and age", async () => {
    const held = [lock({}), lock({ pid: 9, username: "bob", hostname: "there", timestamp: "2026-01-02T03:13:50Z" })];
    expect(await refusedWith(Promise.reject(lockedError("c1", held, now, here)))).toEqual([
      4,
      "locked",
      "cluster 'c1' is locked by another run: ann@here, process 1, for 10 min; bob@there, process 9, for 0 min",
    ]);
  });

  test("of the dead are told apart, with the one command that releases them", async () => {
    const error = lockedError("c1", [lock({ pid: 2 })], now, here);
    expect(await refusedWith(Promise.reject(error))).toEqual([
      4,
      "locked-abandoned",
      "cluster 'c1' is locked by another run: ann@here, process 2, for 10 min (that process is gone)",
    ]);
    expect(error.problems[0]?.fix).toBe("safe to release: hailstack unlock --config <the same file>");
  });

  test("are safe to release only when all their owners are gone", () => {
    expect(lockedError("c1", [lock({ pid: 2 }), lock({})], now, here).problems[0]?.slug).toBe("locked");
  });

  test("of a clock ahead of ours are not of the future", () => {
    const [problem] = lockedError("c1", [lock({ timestamp: "2026-01-02T04:00:00Z" })], now, here).problems;
    expect(problem?.message).toContain("for 0 min");
  });
});

describe("a cluster that is gone", () => {
  const own = {
    "hailstack/c1/identity.json": "{}",
    "hailstack/c1/known_hosts": "i-1 k",
    "hailstack/c1/passphrase": "p",
  };

  test("leaves its records of installs, and nothing of other clusters is touched", async () => {
    const others = { "hailstack/c1/rollouts/1.json": "{}", "hailstack/c12/passphrase": "q" };
    const bucket = bucketOf({ ...own, ...others });
    await forgetCluster(bucket, "c1");
    expect(bucket.keys()).toEqual(Object.keys(others).toSorted());
  });

  test.for([
    ["its state", key],
    ["a lock", lockKey],
  ] as const)("is not forgotten while %s is there again", async ([, there]) => {
    const bucket = bucketOf({ ...own, [there]: "{}" });
    await forgetCluster(bucket, "c1");
    expect(bucket.keys()).toHaveLength(4);
  });
});
