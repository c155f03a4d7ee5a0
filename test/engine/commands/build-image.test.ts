/** `build-image` to its good end: real Packer, real SSH to a build server on loopback, and a bake without the work. */
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { canListen, startBuildServers } from "../../support/build-server/ssh.ts";
import { bundleId, readFile } from "../../support/rig.ts";
import { image, openBuildRig } from "./build-rig.ts";
import { jsonLines, named, resultOf, slugs, watched } from "./watched.ts";

const hasSsh = await canListen();
if (!hasSsh) process.stderr.write("build-image.test.ts is skipped: port 22 of loopback is not ours to listen on\n");
const rig = await openBuildRig({ delays: { image: 1_000 } });
const { admin, state } = rig.cloud;
const servers = hasSsh ? await startBuildServers(() => rig.cloud, rig.addresses, "ubuntu") : undefined;
afterAll(() => servers?.stop());
beforeEach(() => servers?.behave({}));

describe.skipIf(!hasSsh)("a build that goes well", () => {
  test("publishes", async () => {
    const run = await watched(rig, ["build-image", "--timeout", "0.2"]);
    console.log(run.stdout, run.stderr, run.stored, run.writes);
    console.log(servers?.commands());
    console.log([...state.images.values()]);
    expect(run.code).toBe(0);
  });
});
