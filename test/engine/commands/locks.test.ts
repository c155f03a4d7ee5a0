/** One cluster, one run at a time; and locks that outlive their owner. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { readFile, type Ran } from "../../support/rig.ts";
import { named, openRig, slugs, watched } from "./watched.ts";

const rig = await openRig();
const locks = ".pulumi/locks/organization/hailstack/hailstack-c1/";
const deadPid = spawnSync("true").pid;

/** A lock as the engine writes it. */
async function lock(pid: number, host: string): Promise<string> {
  const key = `${locks}0b0e1c9a-6a4b-4b7b-9f4e-2d6a3f1c8e77.json`;
  const timestamp = new Date(Date.now() - 42 * 60_000).toISOString();
  await rig.objects.put(key, JSON.stringify({ pid, username: "alice", hostname: host, timestamp }));
  return key;
}

const lockKeys = async () => Object.keys(await rig.objects.etags()).filter((key) => key.startsWith(locks));

describe("a lock", () => {
  afterEach(async () => {
    for (const key of await lockKeys()) await rig.objects.delete(key);
  });

  const holders = [
    { holder: "a run here", pid: process.pid, host: hostname(), slug: "locked", fix: "wait for it to end" },
    { holder: "a run on another machine", pid: deadPid, host: "far-away", slug: "locked", fix: "wait for it to end" },
    {
      holder: "a run that is gone",
      pid: deadPid,
      host: hostname(),
      slug: "locked-abandoned",
      fix: "safe to release: hailstack unlock",
    },
  ];

  test.for(holders)("of $holder stops create before it writes anything", async ({ pid, host, slug, fix }) => {
    const key = await lock(pid, host);
    const run = await watched(rig, ["create"]);

    expect([run.code, slugs(run)]).toEqual([4, [slug]]);
    expect(run.stderr).toContain(`cluster 'c1' is locked by another run: alice@${host}, process ${pid}, for 42 min`);
    expect(run.stderr).toContain(fix);
    expect([run.writes, run.stored, await lockKeys()]).toEqual([[], [], [key]]);
  });

  test("of which only the first half was written counts too", async () => {
    await rig.objects.put(`${locks}half.json`, '{"pid": 1');
    const run = await watched(rig, ["create"]);

    expect([run.code, slugs(run), run.writes]).toEqual([4, ["locked"], []]);
    expect(run.stderr).toContain("is locked by another run: unknown@unknown");
  });

  test("does not stop a dry run", async () => {
    await lock(process.pid, hostname());

    expect((await rig.hailstack("create", "--dry-run")).code).toBe(0);
  });

  test("is not released without a yes", async () => {
    const key = await lock(deadPid, hostname());
    const run = await rig.hailstack("unlock");

    expect(run.code).toBe(2);
    expect(run.stderr).toContain(`the lock of alice@${hostname()}, process ${deadPid}, which is gone`);
    expect(await lockKeys()).toEqual([key]);
  });

  test("is not released at all while its owner runs on this machine", async () => {
    await lock(process.pid, hostname());
    const run = await rig.hailstack("unlock", "--yes");

    expect([run.code, slugs(run)]).toEqual([4, ["locked"]]);
    expect(run.stderr).toContain(`kill -INT ${process.pid}`);
    expect(await lockKeys()).toHaveLength(1);
  });

  test("is not released when the person at the terminal says no", async () => {
    await lock(deadPid, hostname());
    const run = await rig.onTerminal({ after: "[y/N]", keys: "n\r" }, "unlock");

    expect(run.code).toBe(1);
    expect(await lockKeys()).toHaveLength(1);
  });

  test("is released with --yes", async () => {
    await lock(deadPid, hostname());
    const run = await rig.hailstack("unlock", "--yes");

    expect(run.code).toBe(0);
    expect(run.stdout).toContain("Cluster 'c1' is unlocked.");
    expect(await lockKeys()).toEqual([]);
  });

  test("that is not there needs no releasing", async () => {
    const run = await watched(rig, ["unlock"]);

    expect(run.code).toBe(0);
    expect(run.stdout).toContain("Cluster 'c1' is not locked.");
    expect([run.calls, run.stored]).toEqual([[], []]);
  });
});

describe("two creates at once", () => {
  test("of one cluster: one makes it, the other gives way and cleans up nothing", async () => {
    const runs = await Promise.all([rig.hailstack("create"), rig.hailstack("create")]);
    const [won, lost] = runs.toSorted((a, b) => a.code - b.code);

    expect([won?.code, lost?.code]).toEqual([0, 4]);
    expect(lost?.stderr).toMatch(/error\[(locked|overtaken)\]/);
    expect(lost?.stderr).not.toContain("removing");
    expect(Object.keys(named(rig.cloud.state.servers)).sort()).toEqual(["c1-master", "c1-worker-01", "c1-worker-02"]);
    expect(rig.cloud.journal.filter(({ method }) => method === "DELETE")).toEqual([]);
    expect((await watched(rig, ["create"])).writes).toEqual([]);
  });

  test("of two clusters: both are made", async () => {
    const runs = await Promise.all(["c2", "c3"].map(createOther));

    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(rig.cloud.state.servers.size).toBe(9);
  });
});

function createOther(name: string): Promise<Ran> {
  const config = join(rig.folder, `${name}.toml`);
  writeFileSync(config, readFile(rig.config).replace('"c1"', `"${name}"`));
  return rig.start("create", "--config", config, "--dotenv", rig.dotenv).ended;
}

describe("a state that could not be stored", () => {
  const key = ".pulumi/stacks/hailstack/hailstack-c1.json";

  test("is put back by unlock", async () => {
    const newest = await rig.objects.get(key);
    const kept = join(rig.folder, ".local/state/hailstack/kept/hailstack-c1.json");
    const older = newest
      .replace(/"time":"[^"]+"/, '"time":"2020-01-01T00:00:00Z"')
      .replace('"time": "', '"time": "2020-');
    await rig.objects.put(key, older);
    keepHere(kept, newest);

    const asked = await rig.hailstack("unlock");
    expect(asked.code).toBe(2);
    expect(await rig.objects.get(key)).toBe(older);

    const run = await rig.hailstack("unlock", "--yes");
    expect(run.code).toBe(0);
    expect(run.stdout).toContain("is back in the store");
    expect(await rig.objects.get(key)).toBe(newest);
    expect((await watched(rig, ["create"])).writes).toEqual([]);
  });

  test("is left alone when the store has a newer one", async () => {
    const newest = await rig.objects.get(key);
    keepHere(join(rig.folder, ".local/state/hailstack/kept/hailstack-c1.json"), newest);
    const run = await watched(rig, ["unlock", "--yes"]);

    expect([run.code, run.stored]).toEqual([0, []]);
  });
});

function keepHere(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
}
