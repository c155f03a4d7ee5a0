/** A Python environment for the tests: an S3 server, and python-dotenv to compare ours with. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cache, hashOf, run, step } from "./steps.mjs";

/** Path of its interpreter. */
export async function installPython() {
  const hash = hashOf(["test/support/requirements.txt"]);
  const folder = join(cache, "test-python", hash);
  const log = join(cache, "test-python", `${hash}.log`);
  await step("Python packages of the tests", join(folder, ".done"), hash, async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await run("python3", ["-m", "venv", folder], { log });
    await run(
      join(folder, "bin/python"),
      ["-m", "pip", "install", "-q", "--require-hashes", "-r", "test/support/requirements.txt"],
      { log },
    );
  });
  return join(folder, "bin/python");
}
