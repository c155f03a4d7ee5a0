/** The baked root file system of the tests' bundle, kept by the digest of what it was made from. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { bakeRoot, hold, tellStages } from "./bake-root.ts";
import { serveFiles } from "./file-server.ts";
import { kit, testInputs } from "./inputs.ts";
import { baseFolder, cacheFolder, imagesFolder, mirrorFolder, place, runBeside } from "./place.ts";

/** Where a root file system lies that is baked from what the checkout holds now, if it has been baked. */
export async function bakedFolder(): Promise<string> {
  const key = createHash("sha256")
    .update(JSON.stringify(await testInputs("http://mirror")))
    .digest("hex")
    .slice(0, 16);
  return join(imagesFolder, key);
}

/** Folder of a root file system baked from what the checkout holds now. */
export async function bakedRoot(options: { fresh: boolean; signal?: AbortSignal; say(text: string): void }) {
  const done = await bakedFolder();
  if (existsSync(done) && !options.fresh) return done;
  if (options.fresh) await rm(cacheFolder, { recursive: true, force: true });
  await Promise.all([runBeside("nodes", "base"), runBeside("mirror", "build")]);

  const root = `${done}.${process.pid}`;
  const log = join(place, "bake.log");
  await mkdir(imagesFolder, { recursive: true });
  const release = await hold(`${done}.lock`);
  const mirror = await serveFiles(mirrorFolder);
  try {
    // Somebody else has baked it while this one waited.
    if (existsSync(done) && !options.fresh) return done;
    execFileSync("cp", ["-a", "--reflink=auto", baseFolder, root]);
    const inputs = await testInputs(mirror.url);
    const bake = { root, kit, inputs, cache: cacheFolder, log, ...(options.signal ? { signal: options.signal } : {}) };
    const code = await bakeRoot(bake, tellStages(options.say));
    if (options.signal?.aborted) throw new Error("interrupted");
    if (code !== 0) throw new Error(`the bake ended with ${code}; what it said is in ${log}:\n${lastLines(log)}`);
    await rm(done, { recursive: true, force: true });
    await rename(root, done);
  } finally {
    await mirror.close();
    await rm(root, { recursive: true, force: true });
    release();
  }
  return done;
}

const lastLines = (file: string): string => readFileSync(file, "utf8").trimEnd().split("\n").slice(-20).join("\n");
