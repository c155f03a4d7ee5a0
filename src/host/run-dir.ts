/** A private folder for the files of one run. */
import { rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Env } from "../world.ts";
import { leftoverName, sweepLeftovers } from "./leftovers.ts";
import { runtimeDir } from "./paths.ts";

const prefix = "run-";

/**
 * A new empty folder, 0700, removed when the process exits. A killed process cannot, so the next call of any process
 * removes those of dead ones.
 * @throws HailstackError (1) when no folder of this machine can be written
 */
export async function makeRunDir(env: Env): Promise<string> {
  const parent = await runtimeDir(env);
  await sweepLeftovers(parent, prefix);
  const folder = join(parent, leftoverName(prefix));
  await mkdir(folder, { mode: 0o700 });
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
