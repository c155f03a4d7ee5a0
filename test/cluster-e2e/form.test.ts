/** `create` ends with a cluster on which a Hail job has run. */
import { describe, expect, test } from "vitest";
import { noNodes, openRealRig } from "./real-cluster.ts";

const rig = openRealRig({ boots: true });

describe.skipIf(noNodes)("a cluster of one master and two workers", () => {
  test("is created and ready", async () => {
    const run = await rig().hailstack("create", "--ssh-key", rig().sshKey);
    process.stderr.write(run.stderr);
    expect([run.code, run.stdout]).toEqual([0, expect.stringContaining("a Hail job ran")]);
  }, 1_200_000);
});
