/** Reliability I06: killed while writing, the old content or the new is there, and only its owner can read it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openFiles } from "../../src/host/files.ts";
import { testFolder } from "./folder.ts";

const kills = 100;
const writer = fileURLToPath(new URL("writer.ts", import.meta.url));

/** Looks at every file of `folder` until `stop`, and collects the modes that others could use. */
async function watchModes(folder: string, stop: AbortSignal): Promise<Set<string>> {
  const seen = new Set<string>();
  while (!stop.aborted) {
    for (const name of await readdir(folder)) {
      const stats = await lstat(join(folder, name)).catch(() => undefined);
      if (stats) seen.add((stats.mode & 0o777).toString(8));
    }
  }
  return seen;
}

async function killWhileWriting(path: string, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [writer, path], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  await sleep(afterMs);
  child.kill("SIGKILL");
  await once(child, "close");
}

test(`${kills} kills at random moments leave whole files of mode 0600`, { timeout: 120_000 }, async () => {
  const folder = await testFolder();
  const path = join(folder, "clouds.yaml");
  const watching = new AbortController();
  const modes = watchModes(folder, watching.signal);
  const broken: string[] = [];
  let leftBehind = 0;

  for (let kill = 0; kill < kills; kill += 1) {
    await killWhileWriting(path, Math.random() * 15);
    const content = await readFile(path, "utf8");
    if (!/^(a{200000}|b{200000})\n$/.test(content)) broken.push(`${content.length} bytes`);
    leftBehind += (await readdir(folder)).length - 1;
  }
  watching.abort();
  await openFiles().writeAtomic(path, "", 0o600);

  expect(broken).toEqual([]);
  expect(await modes).toEqual(new Set(["600"]));
  // Otherwise no kill hit a write and nothing was tested; what they left is swept by now.
  expect(leftBehind).toBeGreaterThan(0);
  expect(await readdir(folder)).toEqual(["clouds.yaml"]);
});
