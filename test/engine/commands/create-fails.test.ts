/** A cloud that fails in the middle of `create`. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readFile } from "../../support/rig.ts";
import { named, openRig, slugs, watched } from "./watched.ts";

const rig = await openRig({
  fields: { "volumes.create": true, "volumes.size_gb": 10, "volumes.preserve_on_destroy": true },
});
const { admin, state, faults } = rig.cloud;
const failures = join(rig.folder, ".local/state/hailstack/failures");
const nothing = rig.cloud.objects();

beforeEach(() => admin.setCapacity(Infinity));
afterEach(() => faults.clear());

describe("a first create", () => {
  test("whose server finds no host takes back what it made, and keeps the evidence", async () => {
    admin.setCapacity(2);
    const run = await watched(rig, ["create"]);

    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/error\[server-error\]: No valid host was found\. .* \(c1-(master|worker-0[12])\)/);
    expect(rig.cloud.objects()).toEqual(nothing);
    expect(run.stored.filter((key) => /stacks|identity|passphrase|locks/.test(key))).toEqual([]);

    const [folder = ""] = readdirSync(failures).map((name) => join(failures, name));
    expect(readFile(join(folder, "reasons.txt"))).toContain("server-error: No valid host was found.");
    expect(readFile(join(folder, "c1-master.console.log"))).toContain("c1-master login:");
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
    expect(new Set(modes)).toEqual(new Set([0o600]));
    expect(run.stderr).toContain(folder);
  });

  test.for([
    {
      what: "no quota left for a server",
      operation: "compute.servers.create",
      nth: 2,
      fault: { kind: "refuse", status: 403 },
    },
    {
      what: "a port that is made while its answer is lost",
      operation: "network.ports.create",
      nth: 2,
      fault: { kind: "lose-answer" },
    },
  ] as const)("that meets $what leaves nothing", async ({ operation, nth, fault }) => {
    faults.add({ match: { operation }, nth, fault });
    const run = await watched(rig, ["create"]);

    expect(run.code).toBe(1);
    expect(slugs(run)).toContain("cloud-operation");
    expect(run.stderr).toContain("this run has taken back what it made");
    expect(rig.cloud.objects()).toEqual(nothing);
  });

  test("that runs out of time keeps what it made, and the next one finishes it", async () => {
    faults.add({ match: { operation: "network.ports.create" }, fault: { kind: "delay", ms: 60_000 } });
    // On a busy machine the engine alone takes ten seconds until it makes the first thing.
    const run = await watched(rig, ["create", "--timeout", "0.3"]);

    expect([run.code, slugs(run)]).toEqual([1, ["deadline"]]);
    expect(run.writes.filter((write) => write.endsWith(".delete"))).toEqual([]);
    const made = [...state.securityGroups.values()].map(({ id }) => id);

    faults.clear();
    // Half of it is made already, and would not be made anew.
    rig.configure({ "cluster.ssh_username": "somebody" });
    const other = await watched(rig, ["create"]);
    expect([other.code, slugs(other), other.writes]).toEqual([3, ["live-change"], []]);

    rig.configure();
    expect((await rig.hailstack("create")).code).toBe(0);
    expect([...state.securityGroups.keys()]).toEqual(made);
    expect((await rig.hailstack("destroy", "--yes", "c1")).code).toBe(0);
    state.volumes.clear();
  });

  test("keeps what it made with --keep-on-failure, and the next one finishes it", async () => {
    admin.setCapacity(2);
    const failed = await rig.hailstack("create", "--keep-on-failure");
    const kept = [...state.servers.values()].filter(({ vmState }) => vmState === "active").map(({ id }) => id);

    expect(failed.code).toBe(1);
    expect(kept).toHaveLength(2);

    admin.setCapacity(Infinity);
    const finished = await rig.hailstack("create");

    expect(finished.code).toBe(0);
    expect([...state.servers.values()].map(({ vmState }) => vmState)).toEqual(["active", "active", "active"]);
    expect([...state.servers.keys()]).toEqual(expect.arrayContaining(kept));
    expect([state.ports.size, state.volumes.size, state.floatingIps.size]).toEqual([3, 1, 1]);
    expect((await watched(rig, ["create"])).writes).toEqual([]);
  });
});

describe("a later create", () => {
  test("that fails removes nothing that lived before, and can be gone on with", async () => {
    const lived = rig.cloud.objects();
    admin.setCapacity(3);
    rig.configure({ "cluster.num_workers": 4 });
    const failed = await watched(rig, ["create"]);

    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("No valid host was found");
    expect(failed.writes.filter((write) => write.endsWith(".delete"))).toEqual([]);
    for (const [kind, ids] of Object.entries(lived)) {
      expect(rig.cloud.objects()[kind]).toEqual(expect.arrayContaining(ids));
    }

    admin.setCapacity(Infinity);
    const finished = await rig.hailstack("create");

    expect(finished.code).toBe(0);
    expect(Object.keys(named(state.servers)).sort()).toEqual([
      "c1-master",
      "c1-worker-01",
      "c1-worker-02",
      "c1-worker-03",
      "c1-worker-04",
    ]);
    expect(new Set([...state.servers.values()].map(({ vmState }) => vmState))).toEqual(new Set(["active"]));
    expect(state.ports.size).toBe(5);
    expect([...state.servers.keys()]).toEqual(expect.arrayContaining(lived.servers ?? []));
  });
});
