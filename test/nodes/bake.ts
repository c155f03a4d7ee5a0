/**
 * `npm run bake -- nodes [--fresh]`: bakes the tests' bundle into a root file system for real systemd nodes, as root,
 * and prints its folder. What was baked from the same scripts and data is there at once; `--fresh` bakes anew,
 * without the downloads that were kept. `npm run bake -- boot` boots
 * it (boot.ts), `npm run bake -- failures` plays how bakes go wrong (failures.ts).
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bakeRoot } from "./bake-root.ts";
import { serveFiles } from "./file-server.ts";
import { kit, testInputs } from "./inputs.ts";
import { baseFolder, cacheFolder, imagesFolder, mirrorFolder, place, scripts } from "./place.ts";

/** Folder of a root file system baked from what the checkout holds now. */
export async function bakedRoot(options: { fresh: boolean; signal?: AbortSignal; say(text: string): void }) {
  const key = createHash("sha256")
    .update(JSON.stringify(await testInputs("http://mirror")))
    .digest("hex")
    .slice(0, 16);
  const done = join(imagesFolder, key);
  if (existsSync(done) && !options.fresh) return done;
  if (options.fresh) await rm(cacheFolder, { recursive: true, force: true });
  for (const [script, ...args] of [
    ["nodes", "base"],
    ["mirror", "build"],
  ] as const)
    execFileSync(join(scripts, script), args, { stdio: ["ignore", "ignore", "inherit"] });

  const root = `${done}.${process.pid}`;
  const log = join(place, "bake.log");
  await mkdir(imagesFolder, { recursive: true });
  const mirror = await serveFiles(mirrorFolder);
  try {
    execFileSync("cp", ["-a", "--reflink=auto", baseFolder, root]);
    const inputs = await testInputs(mirror.url);
    const bake = { root, kit, inputs, cache: cacheFolder, log, ...(options.signal ? { signal: options.signal } : {}) };
    const code = await bakeRoot(bake, (line) => {
      if (line.startsWith("hailstack-stage ")) options.say(line.slice("hailstack-stage ".length));
    });
    if (options.signal?.aborted) throw new Error("interrupted");
    if (code !== 0) throw new Error(`the bake ended with ${code}; what it said is in ${log}:\n${lastLines(log)}`);
    await rm(done, { recursive: true, force: true });
    await rename(root, done);
  } finally {
    await mirror.close();
    await rm(root, { recursive: true, force: true });
  }
  return done;
}

const lastLines = (file: string): string => readFileSync(file, "utf8").trimEnd().split("\n").slice(-20).join("\n");

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { fresh: { type: "boolean" } } });
  const [what = ""] = positionals;
  if (what === "failures") return void (await import("./failures.ts"));
  if (what !== "nodes" && what !== "boot") throw new Error("usage: npm run bake -- nodes [--fresh] | boot | failures");
  if (process.getuid?.() !== 0) throw new Error("a bake needs root");
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => abort.abort());
  const say = (text: string): void => void process.stderr.write(`bake: ${text}\n`);
  const root = await bakedRoot({ fresh: values.fresh ?? false, signal: abort.signal, say });
  if (what === "boot") return (await import("./boot.ts")).bootImage(root);
  process.stdout.write(`${root}\n`);
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`bake: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
