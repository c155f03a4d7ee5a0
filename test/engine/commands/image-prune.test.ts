/** `image prune`: what killed builds left, and images that others have replaced. Nothing else goes. */
import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { beforeEach, describe, expect, test } from "vitest";
import { bundleId, publicKey } from "../../support/rig.ts";
import { jsonLines, named, openRig, slugs, succeeds, watched } from "./watched.ts";

const demo = { name: "demo", password: "canary-demos-password", projects: ["demo"] };
const eve = { name: "eve", password: "canary-eves-password", projects: ["theirs"] };
const name = `hailstack-${bundleId}`;
const built = { hailstack_kind: "image", hailstack_bundle: bundleId };
const own = { project: "demo", visibility: "private" as const, properties: built };
const old = { ...own, properties: { ...built, hailstack_superseded: "true" } };
const rig = await openRig({ cloud: { images: [{ ...own, name }], users: [demo, eve] } });
const { admin, state } = rig.cloud;
const build = "0123456789abcdef";
const key = `hailstack/builds/${build}.json`;

/** One of each kind that a build makes. */
function makeThings(id: string): void {
  const called = `hailstack-build-${id}`;
  admin.addServer(called);
  admin.addKeypair(called, publicKey);
  admin.addSecurityGroup(called);
  admin.addFloatingIp(called);
  admin.addPort("cloudforms_network", called);
  admin.addImage({ ...own, name: called, status: "queued", sizeBytes: null });
}

/** As a build has it in the bucket; by default of one whose process, on this machine, is gone. */
function record(id: string, more: object = {}): Promise<unknown> {
  const project_id = named(state.projects)["demo"]?.id;
  const times = { started_at: new Date().toISOString(), beat_at: new Date().toISOString() };
  const dead = { host: hostname(), pid: spawnSync("true").pid, user: "ann" };
  const all = { build: id, bundle: bundleId, project_id, ...dead, ...times, ...more };
  return rig.objects.put(`hailstack/builds/${id}.json`, JSON.stringify(all));
}

let before: ReturnType<typeof rig.cloud.objects>;
beforeEach(() => (before = rig.cloud.objects()));

test("says so when there is nothing to prune", async () => {
  const run = await watched(rig, ["image", "prune"]);

  expect([run.code, run.stdout, run.writes, run.stored]).toEqual([0, "Nothing to prune.\n", [], []]);
});

describe("what a killed build left", () => {
  test("is shown first, and stays when nobody says yes", async () => {
    makeThings(build);
    await record(build);
    const run = await watched(rig, ["image", "prune"]);

    expect([run.code, run.writes, run.stored]).toEqual([2, [], []]);
    expect(run.stdout).toMatch(/^left by builds that were cut off:\n {2}floating IP 172\.24\.4\.\d+ \(/);
    for (const kind of ["server", "port", "security group", "keypair", "image"]) {
      expect(run.stdout).toContain(`  ${kind} hailstack-build-${build}`);
    }
    expect(run.stderr).toContain("--yes");
  });

  test("goes with --yes, and so does the record, but nothing else", async () => {
    const run = await watched(rig, ["image", "prune", "--yes"]);

    expect([run.code, run.stored]).toEqual([0, [key]]);
    expect(run.stdout).toContain("Removed 6.\n");
    const left = rig.cloud.objects();
    expect(JSON.stringify(left)).not.toContain(build);
    for (const [kind, ids] of Object.entries(left)) expect(before[kind]).toEqual(expect.arrayContaining(ids));
    expect(left.images).toHaveLength(1);
  });

  test("goes when a person agrees, and not when they do not", async () => {
    makeThings(build);
    await record(build);
    const no = await rig.onTerminal({ after: "[y/N]", keys: "n\r" }, "image", "prune");
    expect(no.code).toBe(1);
    expect(named(state.servers)).toHaveProperty([`hailstack-build-${build}`]);

    const yes = await rig.onTerminal({ after: "[y/N]", keys: "y\r" }, "image", "prune");
    expect(yes.code).toBe(0);
    expect(rig.cloud.objects()).toEqual({ ...before, rules: expect.any(Array) });
  });

  test("a record without anything left goes too", async () => {
    await record(build);
    const run = await watched(rig, ["image", "prune"]);

    expect([run.code, run.stdout, run.writes, run.stored]).toEqual([0, "Nothing to prune.\n", [], [key]]);
  });

  test("stays when the cloud does not let it go, with its record and the reason", async () => {
    makeThings(build);
    await record(build);
    const image = [...state.images.values()].find((one) => one.name.includes(build));
    if (image) image.protected = true;
    const run = await watched(rig, ["image", "prune", "--yes"]);

    expect([run.code, run.stored]).toEqual([1, []]);
    expect(run.stderr).toContain("is protected and cannot be deleted");

    if (image) image.protected = false;
    expect((await rig.hailstack("image", "prune", "--yes")).code).toBe(0);
    expect(JSON.stringify(rig.cloud.objects())).not.toContain(build);
  });
});

describe("a build that is not known to be dead", () => {
  test.for([
    { when: "it runs on this machine", more: { pid: process.pid } },
    { when: "it was just heard of from another", more: { host: "far-away" } },
  ])("keeps its things when $when", async ({ more }) => {
    makeThings(build);
    await record(build, more);
    const run = await watched(rig, ["image", "prune", "--yes", "--unrecorded"]);

    expect([run.code, run.writes, run.stored]).toEqual([0, [], []]);
    expect(run.stdout).toContain("Nothing to prune.\nkept:\n");
    expect(run.stdout).toContain(": its build is under way\n");

    await record(build);
    await succeeds(rig, "image", "prune", "--yes");
  });

  test("keeps its things when this bucket knows nothing of it, unless they are asked for", async () => {
    makeThings(build);
    const kept = await watched(rig, ["image", "prune", "--yes", "--json"]);

    expect([kept.code, kept.writes]).toEqual([0, []]);
    const [{ removed, kept: things } = {}] = jsonLines(kept);
    expect([removed, things]).toEqual([[], expect.any(Array)]);
    expect(things).toHaveLength(6);

    const gone = await watched(rig, ["image", "prune", "--yes", "--unrecorded", "--json"]);
    expect(gone.code).toBe(0);
    expect(jsonLines(gone)).toMatchObject([{ removed: { length: 6 }, kept: [] }]);
  });

  test("of another project keeps its record, as that project's things cannot be seen", async () => {
    await record(build);
    const asEve = rig.withEnv({ OS_USERNAME: eve.name, OS_PASSWORD: eve.password, OS_PROJECT_NAME: "theirs" });
    const run = await watched(rig, () => asEve.hailstack("image", "prune", "--yes"));

    expect([run.code, run.writes, run.stored]).toEqual([0, [], []]);
    await succeeds(rig, "image", "prune", "--yes");
  });
});

test("what is only called nearly so, or is another project's, is nobody's leftover", async () => {
  admin.addServer("hailstack-build-server");
  admin.addKeypair(`hailstack-build-${build}-mine`, publicKey);
  admin.addFloatingIp(`hailstack-build-${build}`, "public", "theirs");
  admin.addImage({ ...own, name: `hailstack-build-${build}`, project: "theirs", visibility: "community" });
  await record(build);
  const run = await watched(rig, ["image", "prune", "--yes"]);

  expect([run.code, run.stdout, run.writes]).toEqual([0, "Nothing to prune.\n", []]);
});

describe("a superseded image", () => {
  test("goes when nothing uses it; one that a cluster was made from stays, and so does the newest with --keep", async () => {
    await succeeds(rig, "create");
    // What `build-image --replace` does with the image that the cluster was made from.
    const used = named(state.images)[name];
    if (used) Object.assign(used, { name: `${name}-superseded-3`, properties: old.properties });
    const first = admin.addImage({ ...old, name: `${name}-superseded-1`, createdAt: new Date("2026-01-01") });
    const second = admin.addImage({ ...old, name: `${name}-superseded-2`, createdAt: new Date("2026-01-02") });

    const two = await watched(rig, ["image", "prune", "--yes", "--keep", "2", "--json"]);
    expect(two.code).toBe(0);
    expect(jsonLines(two)).toEqual([
      {
        removed: [{ kind: "image", id: first, name: `${name}-superseded-1` }],
        kept: [
          { kind: "image", id: used?.id, name: `${name}-superseded-3`, why: "used by c1" },
          { kind: "image", id: second, name: `${name}-superseded-2`, why: "one of the 2 newest" },
        ],
      },
    ]);

    const run = await watched(rig, ["image", "prune", "--yes"]);
    expect([run.code, run.writes]).toEqual([0, ["image.images.delete"]]);
    expect([...state.images.keys()]).not.toContain(second);
    expect([...state.images.keys()]).toContain(used?.id);
  });

  test("stays while a project that accepted it may use it, or a cluster's state cannot be read", async () => {
    const shared = admin.addImage({ ...old, name: "old", visibility: "shared", members: ["theirs"] });
    const theirs = named(state.projects)["theirs"]?.id ?? "";
    const member = state.images.get(shared)?.members.get(theirs);
    if (member) member.status = "accepted";
    const run = await watched(rig, ["image", "prune", "--yes"]);
    expect([run.code, run.writes]).toEqual([0, []]);
    expect(run.stdout).toContain(`image old (${shared}): accepted by project ${theirs}\n`);

    if (member) member.status = "rejected";
    const torn = ".pulumi/stacks/hailstack/hailstack-torn.json";
    await rig.objects.put(torn, "{");
    const unsure = await watched(rig, ["image", "prune", "--yes"]);
    await rig.objects.delete(torn);
    expect([unsure.code, unsure.writes]).toEqual([0, []]);
    expect(unsure.stdout).toContain("the state of torn cannot be read, and may use it");

    expect((await watched(rig, ["image", "prune", "--yes"])).writes).toEqual(["image.images.delete"]);
  });
});

test.for(["-1", "many", "1.5"])("--keep %s is refused before anything is contacted", async (number) => {
  const run = await watched(rig, ["image", "prune", `--keep=${number}`]);

  expect([run.code, slugs(run), run.calls]).toEqual([2, ["usage"], []]);
});

test("the cloud was asked for nothing that a real one would not know", () => {
  expect(rig.cloud.surprises).toEqual([]);
});
