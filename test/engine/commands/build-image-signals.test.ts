/** Ctrl-C and its relatives while Packer waits for the build server, and what is left when a build is killed. */
import { hostname } from "node:os";
import { beforeEach, describe, expect, test } from "vitest";
import { bundleId } from "../../support/rig.ts";
import { openBuildRig } from "./build-rig.ts";
import { named, slugs, succeeds, watched } from "./watched.ts";

/** While it holds, no server that is deleted goes. */
let held: Promise<void> | undefined;
const rig = await openBuildRig({ compute: { remove: () => held } });
const { admin, state } = rig.cloud;
const recordKey = /^hailstack\/builds\/([0-9a-f]{16})\.json$/;
const waiting = "waiting for SSH on the builder server: started";

beforeEach(() => (held = undefined));

describe("one signal", () => {
  test.for([
    ["SIGINT", 130],
    ["SIGHUP", 130],
    ["SIGTERM", 143],
  ] as const)("%s ends the build with %s, and nothing is left", async ([signal, code]) => {
    const run = await watched(rig, async () => {
      const { child, ended, untilSaid } = rig.startBuild();
      await untilSaid(waiting);
      child.kill(signal);
      return ended;
    });

    expect([run.code, slugs(run), run.stdout]).toEqual([code, ["interrupted"], ""]);
    expect(run.stderr).toContain("stopping: Packer first removes what it has made");
    expect(run.stderr).toMatch(/stopped by a signal; Packer cleaned up: .*Terminating the source server/);
    await rig.expectNothingLeft(run);
  });

  test("before Packer runs ends it as well", async () => {
    rig.cloud.faults.add({ match: { operation: "compute.keypairs.create" }, fault: { kind: "delay", ms: 1_000 } });
    const run = await watched(rig, async () => {
      const { child, ended, untilAsked } = rig.startBuild();
      await untilAsked("compute.keypairs.create");
      child.kill("SIGINT");
      return ended;
    });
    rig.cloud.faults.clear();

    expect([run.code, slugs(run)]).toEqual([130, ["interrupted"]]);
    expect(run.writes).not.toContain("compute.servers.create");
    await rig.expectNothingLeft(run);
  });
});

test("a second signal leaves at once, says what to do, and image prune removes the rest", async () => {
  let letGo = () => {};
  held = new Promise((resolve) => (letGo = resolve));
  const run = await watched(rig, async () => {
    const { child, ended, untilSaid, untilAsked } = rig.startBuild();
    await untilSaid(waiting);
    child.kill("SIGINT");
    await untilAsked("compute.servers.delete");
    child.kill("SIGINT");
    return ended;
  });
  letGo();

  expect([run.code, slugs(run)]).toEqual([130, ["interrupted"]]);
  expect(run.stderr).toContain("stopping at once; 'hailstack image prune' removes what is left behind");
  expect(run.stderr).toContain("warning[build-left]");
  await rig.noProcesses();
  const [key = ""] = run.stored;
  const [, build = ""] = recordKey.exec(key) ?? [];
  expect(Object.keys(named(state.keypairs))).toEqual([`hailstack-build-${build}`]);

  const prune = await watched(rig, ["image", "prune", "--yes"]);
  expect([prune.code, prune.stored]).toEqual([0, [key]]);
  expect(rig.cloud.objects()).toEqual(rig.empty);
});

test("a second signal leaves at once also when it is we who clear up", async () => {
  rig.cloud.faults.add({ match: { operation: "network.floatingips.delete" }, fault: { kind: "timeout" } });
  const run = await watched(rig, async () => {
    const { child, ended, untilSaid, untilAsked } = rig.startBuild();
    await untilSaid(waiting);
    child.kill("SIGINT");
    await untilAsked("network.floatingips.delete");
    child.kill("SIGINT");
    return ended;
  });
  rig.cloud.faults.clear();

  expect([run.code, slugs(run), run.stored.length]).toEqual([130, ["interrupted"], 1]);
  expect(run.stderr).toContain("warning[build-left]");
  await succeeds(rig, "image", "prune", "--yes");
  expect(rig.cloud.objects()).toEqual(rig.empty);
});

describe("a build that was killed", () => {
  /** Kills one while it waits for SSH; its id. */
  async function killed(): Promise<string> {
    const run = await watched(rig, async () => {
      const { child, ended, untilSaid } = rig.startBuild();
      await untilSaid(waiting);
      child.kill("SIGKILL");
      return ended;
    });
    expect([run.code, run.signal]).toEqual([-1, "SIGKILL"]);
    await rig.noProcesses();
    const build = recordKey.exec(run.stored[0] ?? "")?.[1] ?? "";
    const name = `hailstack-build-${build}`;
    expect([named(state.servers), named(state.keypairs), named(state.securityGroups)]).toEqual([
      { [name]: expect.anything() },
      { [name]: expect.anything() },
      expect.objectContaining({ [name]: expect.anything() }),
    ]);
    expect([...state.floatingIps.values()].map(({ description }) => description)).toEqual([name]);
    return build;
  }

  test("dies with Packer and its plugins; image prune removes what it left, and its record", async () => {
    const build = await killed();
    const run = await watched(rig, ["image", "prune", "--yes"]);

    expect([run.code, run.stored]).toEqual([0, [`hailstack/builds/${build}.json`]]);
    expect(run.stdout).toContain("Removed 4.\n");
    expect(rig.cloud.objects()).toEqual(rig.empty);
  });

  test("is swept by the next build too, whose private folder takes the dead one's away", async () => {
    const build = await killed();
    const run = await watched(rig, ["build-image", "--timeout", "0.05"]);

    expect([run.code, slugs(run)]).toEqual([1, ["deadline"]]);
    for (const kind of ["server", "keypair", "security group"]) {
      expect(run.stderr).toContain(`removed ${kind} hailstack-build-${build}`);
    }
    expect(run.stored).toEqual([`hailstack/builds/${build}.json`]);
    await rig.expectNothingLeft({ ...run, stored: [] });
  });

  test("elsewhere is left alone while its record is fresh, by a build and by image prune", async () => {
    const build = "00112233445566ff";
    const name = `hailstack-build-${build}`;
    admin.addServer(name);
    const key = `hailstack/builds/${build}.json`;
    const project_id = named(state.projects)["demo"]?.id;
    const now = new Date().toISOString();
    const record = { build, bundle: bundleId, project_id, user: "ann", pid: 1, started_at: now, beat_at: now };
    await rig.objects.put(key, JSON.stringify({ ...record, host: `not-${hostname()}` }));
    const run = await watched(rig, ["build-image", "--timeout", "0.05"]);
    const prune = await watched(rig, ["image", "prune", "--yes"]);

    expect([run.code, slugs(run), run.stored]).toEqual([1, ["deadline"], []]);
    expect([prune.writes, prune.stored]).toEqual([[], []]);
    expect(prune.stdout).toContain(`server ${name} (${named(state.servers)[name]?.id}): its build is under way`);

    await rig.objects.put(key, JSON.stringify({ ...record, host: hostname(), pid: 2 ** 22 - 1 }));
    await succeeds(rig, "image", "prune", "--yes");
    expect(rig.cloud.objects()).toEqual(rig.empty);
  });
});

test("the cloud was asked for nothing that a real one would not know", () => {
  expect(rig.cloud.surprises).toEqual([]);
});
