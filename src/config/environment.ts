/** The variables a command works with: those of the process, over those of a `.env` file. */
import { HailstackError, type Problem } from "../errors.ts";
import type { Env, World } from "../world.ts";
import { parseDotenv } from "./dotenv.ts";

export type Environment = {
  readonly env: Env;
  /** Values that must not be shown. */
  readonly secrets: readonly string[];
  readonly warnings: readonly Problem[];
  /** Why the `.env` file could not be read; what is missing in `env` may then be in it. */
  readonly problems: readonly Problem[];
};

/** Ours, and Pulumi's name for one of them. */
const secretVariables = [
  "HAILSTACK_WEB_PASSWORD",
  "HAILSTACK_VOLUME_PASSWORD",
  "HAILSTACK_STATE_PASSPHRASE",
  "PULUMI_CONFIG_PASSPHRASE",
];
/** What a `.env` file calls its secrets. */
const secretName = /PASS|SECRET|TOKEN|ACCESS_KEY/i;

export async function readEnvironment(world: Pick<World, "files" | "env">, dotenv?: string): Promise<Environment> {
  if (dotenv === undefined) return { env: world.env, secrets: secretsOf(world.env, {}), warnings: [], problems: [] };
  try {
    const { values, unreadable } = parseDotenv(await world.files.readText(dotenv), world.env);
    const warnings = [
      ...unreadable.map((line) => unreadableLine(dotenv, line)),
      ...(await modeWarnings(world, dotenv)),
    ];
    const set = Object.entries(world.env).filter(([, value]) => value !== undefined);
    const env: Env = Object.fromEntries([...Object.entries(values), ...set]);
    return { env, secrets: secretsOf(env, values), warnings, problems: [] };
  } catch (error) {
    if (!(error instanceof HailstackError)) throw error;
    return { env: world.env, secrets: secretsOf(world.env, {}), warnings: [], problems: error.problems };
  }
}

function secretsOf(env: Env, file: Env): string[] {
  const named = Object.keys(file).filter((name) => secretName.test(name));
  const values = [...secretVariables.map((name) => env[name]), ...named.flatMap((name) => [file[name], env[name]])];
  return [...new Set(values)].filter((value) => value !== undefined && value !== "").map(String);
}

function unreadableLine(path: string, line: number): Problem {
  return {
    slug: "dotenv-line",
    message: "this line is no NAME=value, and was skipped",
    where: `${path}:${line}:1`,
    fix: "correct the line, or begin it with '#'",
  };
}

async function modeWarnings({ files }: Pick<World, "files">, path: string): Promise<Problem[]> {
  const mode = await files.mode(path);
  if (mode === undefined || (mode & 0o004) === 0) return [];
  const shown = mode.toString(8).padStart(4, "0");
  const message = `every user of this machine can read the .env file (mode ${shown})`;
  return [{ slug: "dotenv-world-readable", message, where: path, fix: `chmod 600 ${path}` }];
}
