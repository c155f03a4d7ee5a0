/** A folder of its own for one test, with its links resolved. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export async function testFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "hailstack-test-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
