/** A cluster of real nodes for the tests of a file, where this machine can have one. */
import { afterAll, beforeAll, inject } from "vitest";
import { whyNoNodes } from "../nodes/bed.ts";
import { startRealRig, type RealRig } from "../support/real-rig.ts";
import type { RigOptions } from "../support/rig.ts";

const missing = whyNoNodes();
if (missing !== undefined) process.stderr.write(`no cluster of real nodes is tested: ${missing}\n`);

/** Whether a file's tests must be skipped; why is said on stderr. */
export const noNodes = missing !== undefined;

/** The rig of a file's tests, there from the first to the last of them. */
export function openRealRig(options: Partial<RigOptions> = {}): () => RealRig {
  let rig: RealRig | undefined;
  beforeAll(async () => {
    if (!noNodes) rig = await startRealRig({ s3Endpoint: inject("s3Endpoint"), ...options });
  });
  afterAll(() => rig?.stop());
  return () => {
    if (rig === undefined) throw new Error("the rig has not been started");
    return rig;
  };
}
