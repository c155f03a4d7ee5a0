/** What the steps of the setup share: where things are, how they report, when they are still fresh. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Shared by every checkout of this user: what is built once serves all with the same inputs. */
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "hailstack");

export const say = (text) => process.stderr.write(`setup: ${text}\n`);

/** Hash of files and folders below the checkout (names and contents) and of further words. */
export function hashOf(paths, ...words) {
  const hash = createHash("sha256");
  const add = (path) => {
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else
      hash
        .update(`${relative(root, path)}\0`)
        .update(readFileSync(path))
        .update("\0");
  };
  for (const path of paths) add(join(root, path));
  for (const word of words) hash.update(`${word}\0`);
  return hash.digest("hex").slice(0, 16);
}

/** Runs `work` with a line before and a line after, unless `stamp` already holds `hash`. */
export async function step(title, stamp, hash, work) {
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
  const started = Date.now();
  say(`${title} ...`);
  const beat = setInterval(() => say(`${title}: ${Math.round((Date.now() - started) / 1000)} s so far`), 30_000);
  try {
    await work();
  } finally {
    clearInterval(beat);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
  say(`${title}: done in ${Math.round((Date.now() - started) / 1000)} s`);
}

/** Runs a program with its output in `log`; rejects with the log's end when it fails. */
export function run(program, args, { log, cwd = root, env = process.env }) {
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, `${program} ${args.join(" ")}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const keep = (data) => appendFileSync(log, data);
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => reject(new Error(`${program} cannot be run: ${error.message}`)));
    child.on("close", (code) => {
      if (code === 0) return resolve();
      const end = readFileSync(log, "utf8").split("\n").slice(-15).join("\n");
      reject(new Error(`${program} ${args.join(" ")} ended with ${code}; all of its output is in ${log}:\n${end}`));
    });
  });
}
