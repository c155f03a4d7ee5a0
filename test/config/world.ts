/** A world of a few files in memory, with hailstack's own assets. Only what loading a config may touch. */
import { readFile } from "node:fs/promises";
import { loadConfig, type Loaded, type LoadingWorld, type LoadOptions, type Need } from "../../src/config/load.ts";
import { Exit, failure, HailstackError, type Problem } from "../../src/errors.ts";
import type { Env, Files } from "../../src/world.ts";

export function worldOf(
  texts: Readonly<Record<string, string>>,
  env: Env = {},
  modes: Record<string, number> = {},
  now = new Date(),
): LoadingWorld {
  const asset = (name: string): Promise<string> => readFile(new URL(`../../${name}`, import.meta.url), "utf8");
  return { env, asset, files: filesOf(texts, modes), now: () => now };
}

function filesOf(texts: Readonly<Record<string, string>>, modes: Record<string, number>): Files {
  const refuse = (): never => {
    throw new Error("loading a config must not write");
  };
  const there = async (path: string): Promise<string | undefined> =>
    Object.hasOwn(texts, path) ? texts[path] : undefined;
  return {
    readTextIfThere: there,
    async readText(path) {
      const text = await there(path);
      if (text === undefined)
        throw failure(Exit.usage, "file-missing", "no such file", "correct the path", { where: path });
      return text;
    },
    exists: async (path) => (await there(path)) !== undefined,
    mode: async (path) => ((await there(path)) === undefined ? undefined : (modes[path] ?? 0o600)),
    readBytesIfThere: refuse,
    writeAtomic: refuse,
    writeNew: refuse,
    remove: refuse,
  };
}

export type Given = {
  toml: string;
  env?: Env;
  needs?: readonly Need[];
  options?: Partial<LoadOptions>;
  files?: Readonly<Record<string, string>>;
  modes?: Record<string, number>;
  now?: Date;
};

/** Loads `toml` as `c.toml`. */
export function load({ toml, env, needs = [], options = {}, files = {}, modes, now }: Given): Promise<Loaded> {
  return loadConfig(worldOf({ "c.toml": toml, ...files }, env, modes, now), { config: "c.toml", ...options }, needs);
}

/** What a user is told instead; fails the test when `given` loads, or when something else than a HailstackError comes. */
export async function problemsOf(given: Given): Promise<readonly Problem[]> {
  try {
    await load(given);
  } catch (error) {
    if (!(error instanceof HailstackError)) throw error;
    if (error.exitCode !== Exit.usage) throw new Error(`exit code ${error.exitCode}`, { cause: error });
    return error.problems;
  }
  throw new Error("it loaded");
}

/** The smallest config there is. */
export const smallest = '[cluster]\nname = "c1"\nmaster_flavour = "m1"\n';

/** Takes the marks `‸` out of a text and says where the first of them stood, as `line:column` from 1. */
export function marked(text: string): { toml: string; at: string } {
  const before = text.slice(0, text.indexOf("‸")).split("\n");
  return { toml: text.replaceAll("‸", ""), at: `${before.length}:${(before.at(-1) ?? "").length + 1}` };
}

/** A generator that yields the same numbers, from 0 to 1, for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
