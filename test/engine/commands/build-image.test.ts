/** `build-image` to its good end: real Packer, real SSH to a build server on loopback, and a bake without the work. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { bundleId, checkout, readFile } from "../../support/rig.ts";
import { image, imageIds, openSshRig } from "./build-rig.ts";
import { jsonLines, named, resultOf, slugs, succeeds, watched } from "./watched.ts";

const { rig, servers } = await openSshRig();
const { state } = rig.cloud;
const ids = () => imageIds(rig);
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

describe.skipIf(!servers)("a build that goes well", () => {
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

test("the cloud was asked for nothing that a real one would not know", () => {
  expect(rig.cloud.surprises).toEqual([]);
});
