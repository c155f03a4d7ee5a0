/** `build-image` that fails, is stopped or loses its store once the scripts run on the build server. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { startFaultyProxy } from "../../support/faulty-proxy.ts";
import { bundleId, readFile } from "../../support/rig.ts";
import { image, imageIds, openSshRig } from "./build-rig.ts";
import { slugs, succeeds, watched } from "./watched.ts";

const store = await startFaultyProxy(inject("s3Endpoint"));
afterAll(() => store.stop());
const { rig, servers } = await openSshRig({ storeEndpoint: store.endpoint });
const { admin, state, faults } = rig.cloud;
afterEach(() => store.heal());
afterEach(() => faults.clear());
const ids = () => imageIds(rig);
const properties = { hailstack_kind: "image", hailstack_bundle: bundleId };
beforeAll(() => void admin.addImage({ name: image, project: "demo", visibility: "private", properties }));

/** Nothing has become of the build; the image that was there before is as it was. */
async function expectUnchanged(run: Awaited<ReturnType<typeof watched>>, [id = "", ...more] = ids()): Promise<void> {
  expect([run.stdout, run.stored, more]).toEqual(["", [], []]);
  expect(state.images.get(id)).toMatchObject({ name: image });
  expect(state.images.get(id)?.properties["hailstack_superseded"] ?? "false").toBe("false");
  expect({ ...rig.cloud.objects(), images: rig.empty.images }).toEqual(rig.empty);
  expect(rig.cloud.objects().images?.length).toBe((rig.empty.images?.length ?? 0) + 1);
  await rig.noProcesses();
}

describe.skipIf(!servers)("a build that fails after its scripts began", () => {
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

describe.skipIf(!servers)("a signal once the scripts run", () => {
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

describe.skipIf(!servers)("a store that goes away while the image is built", () => {
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
