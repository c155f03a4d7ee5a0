/** What stops `build-image` before anything is made: all of it in one run, and nothing made or written anywhere. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bundleId } from "../../support/rig.ts";
import { runFolders } from "./build-rig.ts";
import { jsonLines, named, openRig, resultOf, slugs, watched, type Watched } from "./watched.ts";

const demo = { name: "demo", password: "canary-demos-password", projects: ["demo"] };
const name = `hailstack-${bundleId}`;
const base = { name: "debian-12" };
const packer = { "packer.base_image": "debian-12", "packer.http_proxy": "$BUILD_PROXY" };
const rig = await openRig({ cloud: { images: [base], users: [demo], projects: [{ name: "theirs" }] }, fields: packer });
const { admin, state } = rig.cloud;

let before: ReturnType<typeof rig.cloud.objects>;
beforeEach(() => (before = rig.cloud.objects()));
afterEach(() => void rig.configure());

/** What a run that was refused must not have done. */
function expectNothingMade({ writes, stored }: Watched): void {
  expect([writes, stored, rig.cloud.objects()]).toEqual([[], [], before]);
  // A run's own folder, below XDG_RUNTIME_DIR, is gone with it.
  expect(runFolders(rig)).toEqual([]);
}

describe("before anything is contacted", () => {
  const cases = [
    {
      what: "a config without [packer]",
      fields: { "packer.base_image": undefined, "packer.http_proxy": undefined },
      slugs: ["config-packer-missing"],
      says: "packer.base_image required",
    },
    { what: "an unknown bundle", args: ["--bundle", "hail-9"], slugs: ["bundle-not-found"], says: "hail-9" },
    { what: "a time that is none", args: ["--timeout", "soon"], slugs: ["usage"], says: "--timeout" },
    {
      what: "an authority's file that is not there",
      fields: { "packer.ca_file": "nowhere.pem" },
      slugs: ["file-missing"],
      says: "nowhere.pem",
    },
    {
      what: "a proxy of the environment that is none",
      fields: { "packer.http_proxy": undefined },
      env: { HTTPS_PROXY: "http://:::/canary" },
      slugs: ["proxy-invalid"],
      says: "HTTPS_PROXY",
    },
  ];
  test.for(cases)("$what is refused", async ({ fields = {}, args = [], env = {}, says, slugs: wanted }) => {
    rig.configure(fields);
    const run = await watched(rig, () => rig.withEnv(env).hailstack("build-image", ...args));

    expect([run.code, slugs(run), run.calls, run.stdout]).toEqual([2, wanted, [], ""]);
    expect(run.stderr).toContain(says);
    expect(run.stderr).toContain("  fix: ");
    expectNothingMade(run);
  });

  test("Packer that is not there is told with how to get it", async () => {
    const folder = join(rig.folder, "tmp/no-tools");
    mkdirSync(folder);
    const run = await watched(rig, () => rig.withEnv({ HAILSTACK_TOOLCHAIN: folder }).hailstack("build-image"));

    expect([run.code, slugs(run), run.calls]).toEqual([2, ["tool-missing", "tool-missing"], []]);
    expect(run.stderr).toContain("npm run toolchain");
    expectNothingMade(run);
  });
});

describe("what the project has not got", () => {
  const setQuota = (limits: Parameters<typeof admin.setQuota>[0]) => admin.setQuota(limits, "demo");
  afterEach(() => setQuota({ instances: 10, floatingip: 50, image_count_total: -1, image_size_total: -1 }));

  test("is told in one run", async () => {
    setQuota({ instances: 0, floatingip: 0, image_count_total: 0 });
    const taken = admin.addImage({ name, project: "demo", visibility: "private" });
    rig.configure({ "packer.base_image": "debian-99", "packer.flavour": "m2.tiny", "packer.network": "nowhere" });
    before = rig.cloud.objects();
    const run = await watched(rig, ["build-image"]);
    admin.deleteImage(taken);
    before = rig.cloud.objects();

    expect(run.code).toBe(3);
    expect(slugs(run)).toEqual([
      "base-image-missing",
      "flavour-disk",
      "flavour-memory",
      "network-missing",
      "image-name-taken",
      "quota",
      "quota",
      "quota",
    ]);
    expect(run.stderr).toContain("base image 'debian-99' not found");
    expect(run.stderr).toContain("flavour 'm2.tiny' has a disk of 4 GiB, the build of an image needs 10 GiB");
    expect(run.stderr).toContain("Network 'nowhere' not found");
    expect(run.stderr).toContain(`an active image '${name}' is there already (${taken} of `);
    expect(run.stderr).toContain("images: need 1, available 0 (quota 0, in use 1)");
    expect(run.stderr).toContain("instances: need 1, available 0, missing 1");
    expect(run.stderr).toContain("floating_ips: need 1, available 0, missing 1");
    expectNothingMade(run);
  });

  test("names of a flavour and a pool that nothing has", async () => {
    rig.configure({ "packer.flavour": "m9.huge", "packer.floating_ip_pool": "nothing" });
    const run = await watched(rig, ["build-image"]);

    expect([run.code, slugs(run)]).toEqual([3, ["flavour-missing", "pool-missing"]]);
    expectNothingMade(run);
  });

  test("a name that another project's image has is not to be had by --replace either", async () => {
    const theirs = admin.addImage({ name, project: "theirs" });
    const run = await watched(rig, ["build-image", "--replace"]);
    admin.deleteImage(theirs);

    expect([run.code, slugs(run)]).toEqual([3, ["image-name-taken"]]);
    expect(run.stderr).toContain(`it belongs to another project (${named(state.projects)["theirs"]?.id})`);
    expect(run.writes).toEqual([]);
  });

  test("the room for one more image, by number or by size", async () => {
    setQuota({ image_count_total: 0, image_size_total: 4000 });
    const run = await watched(rig, ["build-image"]);

    expect([run.code, slugs(run)]).toEqual([3, ["quota", "quota"]]);
    expect(run.stderr).toContain("size_mib of images: need 4096, available 4000");
    expect(run.stderr).toContain("hailstack image prune");
    expectNothingMade(run);
  });

  test("comes as lines of JSON, of which the last is the error", async () => {
    rig.configure({ "packer.base_image": "debian-99" });
    const run = await watched(rig, ["build-image", "--json"]);

    expect([run.code, run.stderr]).toEqual([3, ""]);
    expect(jsonLines(run).length).toBeGreaterThan(2);
    const last = { event: "result", exit_code: 3, error: ["base-image-missing"] };
    expect(resultOf(run)).toEqual({ time: expect.any(String), ...last });
    expect(jsonLines(run)).toContainEqual(expect.objectContaining({ event: "error", slug: "base-image-missing" }));
    expectNothingMade(run);
  });
});

test("a password that the cloud refuses", async () => {
  const run = await watched(rig, () => rig.withEnv({ OS_PASSWORD: "wrong-canary" }).hailstack("build-image"));

  expect([run.code, slugs(run)]).toEqual([3, ["cloud-auth-refused"]]);
  expect(run.stderr).not.toContain("wrong-canary");
  expectNothingMade(run);
});

test("a store that is not there is a matter of the state", async () => {
  rig.configure({ "ceph_s3.endpoint": "http://127.0.0.1:9" });
  const run = await watched(rig, ["build-image"]);

  expect([run.code, slugs(run)]).toEqual([4, ["store-unreachable"]]);
  expectNothingMade(run);
});

test("the cloud was asked for nothing that a real one would not know", () => {
  expect(rig.cloud.surprises).toEqual([]);
});
