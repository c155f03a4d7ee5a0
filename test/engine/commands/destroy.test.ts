/** `destroy` of a cluster made for nothing else, by a user who has little left of what it was made with. */
import { afterEach, describe, expect, test } from "vitest";
import { openRig, resultOf, slugs, succeeds, watched } from "./watched.ts";

const rig = await openRig({ fields: { "volumes.create": true, "volumes.size_gb": 10 } });
const { state } = rig.cloud;
const nothing = rig.cloud.objects();

test("a name that never was is told with 3", async () => {
  const run = await watched(rig, ["destroy", "--yes", "c1"]);

  expect([run.code, slugs(run)]).toEqual([3, ["cluster-not-found"]]);
  expect([run.writes, run.stored]).toEqual([[], []]);
});

describe("before a yes", () => {
  function expectServers(): void {
    expect(state.servers.size).toBe(3);
  }
  afterEach(expectServers);

  test("a dry run lists what would go", async () => {
    await succeeds(rig, "create");
    const run = await watched(rig, ["destroy", "--dry-run"]);

    expect(run.code).toBe(0);
    for (const line of [
      "server c1-master",
      "server c1-worker-02",
      "volume c1-vol",
      "keypair c1-keypair",
      "port c1-worker-port-01",
    ]) {
      expect(run.stdout).toContain(`\n  ${line}\n`);
    }
    expect(run.stdout).not.toContain("kept:");
    expect([run.writes, run.stored]).toEqual([[], []]);
  });

  test.for([
    { how: "without a terminal", args: [], says: "Aborted: there is no terminal to type the cluster's name on" },
    { how: "with another name", args: ["--yes", "c2"], says: "Aborted: --yes names 'c2', the cluster is 'c1'" },
  ])("$how it is aborted", async ({ args, says }) => {
    const run = await watched(rig, ["destroy", ...args]);

    expect([run.code, slugs(run)]).toEqual([1, ["aborted"]]);
    expect(run.stderr).toContain(says);
    expect(run.stderr).toContain("--yes c1");
    expect([run.writes, run.stored]).toEqual([[], []]);
  });

  test.for([
    { typed: "another name", keys: "c2\r" },
    { typed: "nothing", keys: "\u0004" },
  ])("when $typed is typed it is aborted", async ({ keys }) => {
    const typing = { after: "Type the cluster name to confirm:", keys };
    const run = await watched(rig, () => rig.onTerminal(typing, "destroy"));

    expect(run.code).toBe(1);
    expect(run.stdout).toContain("Do you want to destroy cluster 'c1'? Type the cluster name to confirm:");
    expect(run.stdout).toMatch(/aborted/);
    expect([run.writes, run.stored]).toEqual([[], []]);
  });
});

test("the typed name deletes everything, in the cloud and in the bucket", async () => {
  const run = await watched(rig, () =>
    rig.onTerminal({ after: "Type the cluster name to confirm:", keys: "c1\r" }, "destroy"),
  );

  expect(run.code).toBe(0);
  expect(run.stdout).toContain("Cluster 'c1' destroyed.");
  expect(rig.cloud.objects()).toEqual(nothing);
  expect(Object.keys(await rig.objects.etags()).filter((key) => key.includes("c1"))).toEqual([]);
  expect(slugs(await rig.hailstack("destroy", "--yes", "c1"))).toEqual(["cluster-not-found"]);
});

describe("a user without passwords, keys and bundle", () => {
  const bare = [`CEPH_S3_ACCESS_KEY=${rig.bucket.access_key}`, `CEPH_S3_SECRET_KEY=${rig.bucket.secret_key}`];
  const variables = Object.fromEntries(bare.map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]));

  test("can destroy a cluster, of which somebody has deleted a part", async () => {
    await succeeds(rig, "create");
    const worker = [...state.servers.values()].find(({ name }) => name === "c1-worker-02");
    rig.cloud.admin.deleteServer(worker?.id ?? "");
    rig.configure({
      "cluster.bundle": "hail-0.1.0-gnomad-1.0.0-r1",
      "cluster.master_flavour": "m9.huge",
      "cluster.num_workers": 1,
      "ssh_keys.public_keys": ["$A_KEY_THAT_IS_ELSEWHERE"],
      "s3.endpoint": "s3.example.org",
      "s3.access_key": "$S3A_ACCESS_KEY",
      "s3.secret_key": "$S3A_SECRET_KEY",
      "volumes.create": undefined,
      "volumes.size_gb": undefined,
    });
    const run = await rig.withEnv(variables).start("destroy", "--config", rig.config, "--yes", "c1", "--json").ended;

    expect(run.code).toBe(0);
    expect(resultOf(run)).toMatchObject({
      command: "destroy",
      gone: [{ kind: "server", name: "c1-worker-02", id: worker?.id }],
    });
    expect(rig.cloud.objects()).toEqual(nothing);
  });

  test("can destroy a cluster of which nothing is left", async () => {
    rig.configure();
    await succeeds(rig, "create");
    for (const items of [
      state.servers,
      state.ports,
      state.floatingIps,
      state.volumes,
      state.keypairs,
      state.serverGroups,
    ])
      items.clear();
    for (const { id, name } of state.securityGroups.values()) if (name !== "default") state.securityGroups.delete(id);
    for (const { id, groupId } of state.rules.values()) if (!state.securityGroups.has(groupId)) state.rules.delete(id);
    const run = await rig.hailstack("destroy", "--yes", "c1");

    expect(run.code).toBe(0);
    expect(run.stdout).toContain("already gone:\n");
    expect(run.stdout).not.toContain("deleted:");
    expect(Object.keys(await rig.objects.etags())).not.toContain(".pulumi/stacks/hailstack/hailstack-c1.json");
    expect(rig.cloud.surprises).toEqual([]);
  });
});
