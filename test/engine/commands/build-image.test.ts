/** `build-image` to its good end: real Packer, real SSH to a build server on loopback, and a bake without the work. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { canListen, startBuildServers } from "../../support/build-server/ssh.ts";
import { startFaultyProxy } from "../../support/faulty-proxy.ts";
import { bundleId, checkout, readFile } from "../../support/rig.ts";
import { image, openBuildRig } from "./build-rig.ts";
import { jsonLines, named, resultOf, slugs, succeeds, watched } from "./watched.ts";

const hasSsh = await canListen();
if (!hasSsh) process.stderr.write("build-image.test.ts is skipped: port 22 of loopback is not ours to listen on\n");
const store = await startFaultyProxy(inject("s3Endpoint"));
afterAll(() => store.stop());
const rig = await openBuildRig({ delays: { image: 1_000 } }, { storeEndpoint: store.endpoint });
const { admin, state, faults } = rig.cloud;
const servers = hasSsh ? await startBuildServers(() => rig.cloud, rig.addresses, "ubuntu") : undefined;
afterAll(() => servers?.stop());
beforeEach(() => servers?.behave({}));
afterEach(() => store.heal());
afterEach(() => faults.clear());

const ids = () => [...state.images.values()].filter(({ name }) => name.startsWith(image)).map(({ id }) => id);
const keysOf = (id: string) =>
  ["image.json", "sbom.cdx.json", "stages.tsv"].map((name) => `hailstack/images/${id}/${name}`);
const stages = readFile(join(checkout, "packer/stages")).trim().split("\n");

/** `<sha256>  ./<path>` of every file below a folder, in the order of paths. */
function sumsOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).toSorted();
  const sum = (path: string) =>
    createHash("sha256")
      .update(readFileSync(join(folder, path)))
      .digest("hex");
  return paths.map((path) => `${sum(path)}  ./${path}\n`).join("");
}

describe.skipIf(!hasSsh)("a build that goes well", () => {
  test("publishes an image, and leaves nothing else", async () => {
    const run = await watched(rig, ["build-image"]);
    const [id = ""] = ids();

    expect([run.code, run.stdout, slugs(run)]).toEqual([0, `${id}\n`, []]);
    expect(state.images.get(id)).toMatchObject({
      name: image,
      status: "active",
      visibility: "private",
      minDiskGib: 12,
    });
    expect({ ...rig.cloud.objects(), images: rig.empty.images }).toEqual(rig.empty);
    expect(ids()).toHaveLength(1);
    expect(rig.runFolders()).toEqual([]);
    await rig.noProcesses();
  });

  test("says what the image is in its properties, and what is in it beside the states", async () => {
    const [id = ""] = ids();
    const base = named(state.images)["debian-12"];
    expect(state.images.get(id)?.properties).toMatchObject({
      architecture: "x86_64",
      hailstack_kind: "image",
      hailstack_image_id: id,
      hailstack_bundle: bundleId,
      hailstack_build: expect.stringMatching(/^[0-9a-f]{16}$/),
      hailstack_base_image: base?.id,
      hailstack_hail_version: "0.2.137",
      hailstack_scripts_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(Object.keys(await rig.objects.etags())).toEqual(keysOf(id));
    for (const key of keysOf(id)) {
      const place = key.endsWith("image.json")
        ? "etc/hailstack/image.json"
        : `usr/share/hailstack/${key.split("/").at(-1)}`;
      expect(await rig.objects.get(key)).toBe(readFile(join(servers?.disk() ?? "", place)));
    }
  });

  test("brings all scripts as they are, runs them as root once, and takes them away", () => {
    const disk = servers?.disk() ?? "";
    expect(readFile(join(disk, "kit.sums"))).toBe(sumsOf(join(checkout, "packer")));
    expect(readdirSync(join(disk, "var/tmp"))).toEqual([]);
    expect(readdirSync(join(disk, "tmp"))).toEqual([]);
    expect(servers?.commands().filter((command) => command.startsWith("sudo "))).toHaveLength(1);
  });

  test("keeps all that was said in a file for us alone, without the proxy's password", () => {
    const folder = join(rig.folder, ".local/state/hailstack/builds");
    const [name = ""] = readdirSync(folder);
    const text = readFile(join(folder, name));

    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    for (const stage of stages) expect(text).toContain(`doing ${stage} by http://***@proxy.example.org:3128`);
  });

  test("is in the way of the next one", async () => {
    const run = await watched(rig, ["build-image"]);
    expect([run.code, slugs(run), run.writes]).toEqual([3, ["image-name-taken"], []]);
  });

  test("is put aside by --replace, whose progress and result are lines of JSON, and prune takes it", async () => {
    const [old = ""] = ids();
    rig.configure({ "packer.base_image": named(state.images)["debian-12"]?.id });
    const run = await watched(rig, ["build-image", "--replace", "--json"]);
    rig.configure();
    const lines = jsonLines(run);
    const result = resultOf(run);
    const id = String(result["image_id"]);

    expect([run.code, run.stderr]).toEqual([0, ""]);
    expect(result).toMatchObject({
      event: "result",
      image,
      bundle: bundleId,
      superseded: [old],
      size_bytes: 6 * 2 ** 30,
    });
    expect(result["stages"]).toEqual(stages.map((stage, index) => ({ stage, seconds: 1.5, mib: index + 1 })));
    const done = lines.filter(
      ({ event, state: how, step }) => event === "stage" && how === "done" && step !== undefined,
    );
    expect(done.map(({ stage }) => stage)).toEqual(stages);
    expect(state.images.get(id)?.name).toBe(image);
    expect(state.images.get(old)).toMatchObject({ properties: { hailstack_superseded: "true" } });
    expect(state.images.get(old)?.name).toMatch(new RegExp(`^${image}-superseded-\\d{8}T\\d{6}Z$`));

    await succeeds(rig, "image", "prune", "--yes");
    expect(ids()).toEqual([id]);
  });
});

/** Nothing has become of the build; the image that was there before is as it was. */
async function expectUnchanged(run: Awaited<ReturnType<typeof watched>>, [id = "", ...more] = ids()): Promise<void> {
  expect([run.stdout, run.stored, more]).toEqual(["", [], []]);
  expect(state.images.get(id)).toMatchObject({ name: image });
  expect(state.images.get(id)?.properties["hailstack_superseded"] ?? "false").toBe("false");
  expect({ ...rig.cloud.objects(), images: rig.empty.images }).toEqual(rig.empty);
  expect(rig.cloud.objects().images?.length).toBe((rig.empty.images?.length ?? 0) + 1);
  await rig.noProcesses();
}

describe.skipIf(!hasSsh)("a build that fails after its scripts began", () => {
  test("in a script, which is told with its stage and its last lines", async () => {
    servers?.behave({ BAKE_FAILS: "hail" });
    const run = await watched(rig, ["build-image", "--replace"]);

    expect([run.code, slugs(run)]).toEqual([1, ["image-build-failed"]]);
    expect(run.stderr).toContain("stage 'hail' (5 of 13) failed: scripts/hail.sh ended with 7");
    expect(run.stderr).toContain("doing hail by http://***@proxy.example.org:3128");
    expect(run.stderr).not.toContain("doing python");
    expect(rig.runFolders()).toEqual([]);
    await expectUnchanged(run);
  });

  test("in the look whether the image is clean: nothing is published", async () => {
    servers?.behave({ BAKE_FAILS: "clean" });
    const run = await watched(rig, ["build-image", "--replace"]);

    expect([run.code, slugs(run)]).toEqual([1, ["image-build-failed"]]);
    expect(run.stderr).toContain("stage 'clean' (13 of 13) failed");
    expect(run.stderr).toContain("hygiene: /etc/ssh/ssh_host_rsa_key is there");
    expect(run.writes).not.toContain("image.images.update");
    await expectUnchanged(run);
  });

  test("because the cloud makes no image of the server", async () => {
    // The first action stops the server.
    faults.add({ match: { operation: "compute.servers.action" }, nth: 2, fault: { kind: "refuse", status: 403 } });
    const run = await watched(rig, ["build-image", "--replace"]);

    expect([run.code, slugs(run)]).toEqual([1, ["image-not-made"]]);
    expect(run.stderr).toContain("failed while making the image");
    await expectUnchanged(run);
  });

  test("because the image tells of another build", async () => {
    servers?.behave({ BAKE_TELLS: "00112233445566ff" });
    const run = await watched(rig, ["build-image", "--replace"]);

    expect([run.code, slugs(run)]).toEqual([1, ["image-not-proved"]]);
    expect(run.stderr).toContain("says it is of build 00112233445566ff");
    await expectUnchanged(run);
  });

  test("because the new one cannot have the name: the old one has it again", async () => {
    // One of the plugin's own, then: put the old one aside, name the new one.
    faults.add({ match: { operation: "image.images.update" }, nth: 3, fault: { kind: "refuse", status: 403 } });
    const run = await watched(rig, ["build-image", "--replace"]);

    expect([run.code, slugs(run)]).toEqual([1, ["cloud-not-allowed"]]);
    await expectUnchanged(run);
  });

  test("because another image of the name was published meanwhile", async () => {
    const [id = ""] = ids();
    let other = "";
    const run = await watched(rig, async () => {
      const { ended, untilSaid } = rig.startBuild("--replace");
      await untilSaid("making the image: started");
      other = admin.addImage({ name: image, project: "demo", visibility: "private" });
      return ended;
    });
    admin.deleteImage(other);

    expect([run.code, slugs(run)]).toEqual([1, ["image-name-taken"]]);
    expect(run.stderr).toContain(`another image was published as '${image}' while this one was built (${other})`);
    await expectUnchanged(run, [id]);
  });
});

describe.skipIf(!hasSsh)("a signal once the scripts run", () => {
  test("ends them, and nothing is left", async () => {
    servers?.behave({ BAKE_STAYS: "python" });
    const run = await watched(rig, async () => {
      const { child, ended, untilSaid } = rig.startBuild("--replace");
      await untilSaid("3/13 hadoop: done");
      child.kill("SIGTERM");
      return ended;
    });

    expect([run.code, slugs(run), rig.runFolders()]).toEqual([143, ["interrupted"], []]);
    await expectUnchanged(run);
  });

  test("that kills us while the image is made: image prune takes the half-made image too", async () => {
    const run = await watched(rig, async () => {
      const { child, ended, untilSaid } = rig.startBuild("--replace");
      await untilSaid("making the image: started");
      await untilHalfMade();
      child.kill("SIGKILL");
      return ended;
    });
    await rig.noProcesses();
    const prune = await watched(rig, ["image", "prune", "--yes"]);

    expect([run.signal, prune.code, prune.stored]).toEqual(["SIGKILL", 0, run.stored]);
    expect(prune.stdout).toMatch(/image hailstack-build-[0-9a-f]{16} \(/);
    await expectUnchanged({ ...prune, stdout: "", stored: [] });
  });
});

async function untilHalfMade(): Promise<void> {
  await expect
    .poll(() => [...state.images.values()].some(({ name }) => name.startsWith("hailstack-build-")))
    .toBe(true);
}

describe.skipIf(!hasSsh)("a store that goes away while the image is built", () => {
  const away = { kind: "refuse", status: 503, code: "ServiceUnavailable" } as const;

  test("costs nobody the image: what is in it is kept here, and both are told", async () => {
    store.fail(away, { url: /hailstack\/images/ });
    const run = await watched(rig, ["build-image", "--replace"]);
    const folder = /warning\[provenance-kept\].* \((\/\S+)\)/.exec(run.stderr)?.[1] ?? "";

    expect([run.code, run.stored, slugs(run)]).toEqual([0, [], []]);
    expect(state.images.get(run.stdout.trim())?.name).toBe(image);
    expect(readdirSync(folder).toSorted()).toEqual(["image.json", "sbom.cdx.json", "stages.tsv"]);
    expect(JSON.parse(readFile(join(folder, "image.json")))).toMatchObject({ bundle: bundleId });
    expect(statSync(join(folder, "image.json")).mode & 0o777).toBe(0o600);
    await succeeds(rig, "image", "prune", "--yes");
  });

  test("and does not come back: the record that stays is told, and goes with prune", async () => {
    const run = await watched(rig, async () => {
      const { ended, untilSaid } = rig.startBuild("--replace");
      await untilSaid("making the image: started");
      store.fail(away);
      return ended;
    });
    store.heal();

    expect([run.code, slugs(run)]).toEqual([0, []]);
    expect(run.stderr).toContain("warning[build-record-left]");
    expect(run.stored).toEqual([expect.stringMatching(/^hailstack\/builds\//)]);
    await succeeds(rig, "image", "prune", "--yes");
    expect(ids()).toEqual([run.stdout.trim()]);
  });
});

test("the cloud was asked for nothing that a real one would not know", () => {
  expect(rig.cloud.surprises).toEqual([]);
});
