/** A cloud that fails in the middle of `build-image`: the reason is shown, and nothing stays. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bundleId, readFile } from "../../support/rig.ts";
import { openBuildRig } from "./build-rig.ts";
import { jsonLines, resultOf, slugs, watched } from "./watched.ts";

// Time in which what Nova says of a server that it could not make can be read.
const rig = await openBuildRig({ compute: { remove: () => new Promise((resolve) => setTimeout(resolve, 1_500)) } });
const { admin, faults } = rig.cloud;

beforeEach(() => admin.setCapacity(Infinity));
afterEach(() => faults.clear());

test("a build server that finds no host: Nova's own reason is told", async () => {
  admin.setCapacity(0);
  const run = await watched(rig, ["build-image"]);

  expect([run.code, slugs(run), run.stdout]).toEqual([1, ["image-builder-not-launched"], ""]);
  expect(run.stderr).toContain("No valid host was found. There are not enough hosts available.");
  await rig.expectNothingLeft(run);
});

describe("a call that the cloud refuses", () => {
  test.for([
    ["a key pair", "compute.keypairs.create", "cloud-not-allowed"],
    ["a group", "network.security-groups.create", "cloud-not-allowed"],
    ["a rule", "network.security-group-rules.create", "cloud-not-allowed"],
    ["an address", "network.floatingips.create", "cloud-not-allowed"],
    ["a server", "compute.servers.create", "image-builder-not-launched"],
  ] as const)("for %s leaves nothing of what was made before", async ([, operation, slug]) => {
    faults.add({ match: { operation }, fault: { kind: "refuse", status: 403 } });
    const run = await watched(rig, ["build-image"]);

    expect([run.code, slugs(run), run.stdout]).toEqual([1, [slug], ""]);
    expect(faults.hits()[0]).toBeGreaterThan(0);
    expect(run.stderr).toContain("  fix: ");
    await rig.expectNothingLeft(run);
  });

  test("for a server because another took the last of the quota is told in Nova's words", async () => {
    // Preflight has looked by now; the keypair is what is made first.
    faults.add({ match: { operation: "compute.keypairs.create" }, fault: { kind: "delay", ms: 1_000 } });
    const run = await watched(rig, async () => {
      const { ended, untilAsked } = rig.startBuild();
      await untilAsked("compute.keypairs.create");
      admin.setQuota({ instances: 0 });
      return ended.finally(() => admin.setQuota({ instances: 10 }));
    });

    expect([run.code, slugs(run)]).toEqual([1, ["image-builder-not-launched"]]);
    expect(run.stderr).toContain("Quota exceeded for instances: Requested 1, but already used 0 of 0 instances");
    await rig.expectNothingLeft(run);
  });
});

test("an answer that is lost after a key pair was made leaves nothing", async () => {
  faults.add({ match: { operation: "compute.keypairs.create" }, nth: 1, fault: { kind: "lose-answer" } });
  const run = await watched(rig, ["build-image", "--timeout", "0.05"]);

  expect(run.code).toBe(1);
  await rig.expectNothingLeft(run);
});

test("a build server that SSH does not reach in time is told with the phase, in JSON too", async () => {
  const run = await watched(rig, ["build-image", "--timeout", "0.1", "--json"]);
  const lines = jsonLines(run);

  expect([run.code, run.stderr]).toEqual([1, ""]);
  expect(resultOf(run)).toMatchObject({ event: "result", exit_code: 1, error: ["deadline"] });
  const { message, fix } = lines.find(({ event }) => event === "error") ?? {};
  expect(message).toMatch(/^not done after 0\.1 minutes, while waiting for SSH on the builder server/);
  expect(message).toMatch(/Packer cleaned up: .*Terminating the source server/);
  expect(fix).toContain("--timeout");
  expect(lines).toContainEqual(expect.objectContaining({ event: "stage", stage: "clearing up", state: "done" }));
  await rig.expectNothingLeft(run);
});

test("something that cannot be removed is told, and goes with the next build or prune", async () => {
  faults.add({ match: { operation: "network.security-groups.delete" }, fault: { kind: "refuse", status: 403 } });
  const run = await watched(rig, ["build-image", "--timeout", "0.05"]);
  faults.clear();

  expect([run.code, slugs(run)]).toEqual([1, ["deadline"]]);
  expect(run.stderr).toContain("warning[build-left]");
  expect(run.stderr).toContain("hailstack image prune");
  expect(run.stored).toEqual([expect.stringMatching(/^hailstack\/builds\/[0-9a-f]{16}\.json$/)]);

  const prune = await watched(rig, ["image", "prune", "--yes"]);
  expect([prune.code, prune.stored]).toEqual([0, run.stored]);
  expect(rig.cloud.objects()).toEqual(rig.empty);
});

test("all that was said is kept in a file, whose path is told", async () => {
  const run = await watched(rig, ["build-image", "--timeout", "0.05"]);
  const [, path = ""] = /everything the build says is kept in (\S+)/.exec(run.stderr) ?? [];

  expect(readFile(path)).toContain("Waiting for SSH to become available...");
  expect(run.stderr).toContain(bundleId);
});

test("the cloud was asked for nothing that a real one would not know", () => {
  // The plugin deletes the server that it could not make, which has no id.
  const ofPlugin = { kind: "path", request: "DELETE /compute/v2.1/servers/" };
  expect(
    rig.cloud.surprises.filter(({ kind, request }) => kind !== ofPlugin.kind || request !== ofPlugin.request),
  ).toEqual([]);
});
