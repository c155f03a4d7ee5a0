/** Finds the programs hailstack drives. Looks only: nothing is downloaded or built from here. */
import { execFile } from "node:child_process";
import { access, constants, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { promisify } from "node:util";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { Env, Tool } from "../world.ts";

/** What each program must be; `exact` where the engine takes no other (toolchain/README.md). */
const wanted = {
  pulumi: { version: "3.256.0", exact: false, args: ["version"] },
  "pulumi-resource-openstack": { version: "3.15.2", exact: true, args: ["--version"] },
} as const;
export type ToolName = keyof typeof wanted;

export type ToolchainPlaces = {
  env: Env;
  /** Folder of the running executable. */
  besideExecutable: string;
  /** Folder `npm run setup` builds into. */
  cache: string;
  /** How long a program may take to tell its version, in ms; 10,000 unless told. */
  patienceMs?: number;
};

/** Every tool, found or not, in the order of `names`. */
export function findTools(places: ToolchainPlaces, names = Object.keys(wanted) as ToolName[]): Promise<Tool[]> {
  return Promise.all(names.map((name) => findTool(places, name)));
}

/** @throws HailstackError (2) naming every tool that is missing or too old, and how to get it. */
export async function requireTools<Name extends ToolName>(
  places: ToolchainPlaces,
  names: Name[],
): Promise<Record<Name, { path: string; version: string }>> {
  const tools = await findTools(places, names);
  const problems = tools.flatMap((tool) => tool.problem ?? []);
  if (problems.length > 0) throw new HailstackError(Exit.usage, problems);
  const found = tools.map(({ name, path = "", version = "" }) => [name, { path, version }]);
  // Object.fromEntries forgets the names that were asked for.
  return Object.fromEntries(found) as Record<Name, { path: string; version: string }>;
}

async function findTool(places: ToolchainPlaces, name: ToolName): Promise<Tool> {
  const { version, exact, args } = wanted[name];
  const tool = { name, wanted: exact ? version : `>= ${version}` };
  const place = await firstPlace(places, name);
  if (!place) return { ...tool, problem: missing(places, name) };
  const found = { ...tool, path: place.path, source: place.source };
  const output = await answerOf(place.path, args, places);
  const actual = /\d+\.\d+\.\d+/.exec(output)?.[0];
  if (!actual) return { ...found, problem: unusable(found.path, name, `it does not answer '${args.join(" ")}'`) };
  const fits = exact ? actual === version : compareVersions(actual, version) >= 0 && actual.split(".")[0] === "3";
  return fits
    ? { ...found, version: actual }
    : { ...found, version: actual, problem: unusable(found.path, name, `version ${actual}, wanted ${tool.wanted}`) };
}

/** What programs have said of themselves; each is asked once, however often it is looked for. */
const answers = new Map<string, Promise<string>>();

function answerOf(
  path: string,
  args: readonly string[],
  { env, patienceMs = 10_000 }: ToolchainPlaces,
): Promise<string> {
  const known = answers.get(path);
  if (known) return known;
  const bounds = { timeout: patienceMs, killSignal: "SIGKILL" } as const;
  const answer = promisify(execFile)(path, args, { ...bounds, env: quietEnv(env) }).then(
    ({ stdout }) => stdout,
    () => "",
  );
  answers.set(path, answer);
  return answer;
}

/** A program that is only asked its version needs no secret of ours, and shall not look for news of itself. */
const quietEnv = ({ PATH, HOME, TMPDIR }: Env): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries({ PATH, HOME, TMPDIR }).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  ),
  PULUMI_SKIP_UPDATE_CHECK: "true",
});

/** The first place wins even when its program is unfit: a setting that is silently passed over helps no one. */
async function firstPlace(
  { env, besideExecutable, cache }: ToolchainPlaces,
  name: string,
): Promise<{ path: string; source: NonNullable<Tool["source"]> } | undefined> {
  const explicit = env.HAILSTACK_TOOLCHAIN;
  if (explicit) {
    // The engine runs in a folder of its own, from which a relative path would lead elsewhere.
    const path = resolve(explicit, name);
    return (await executable(path)) ? { path, source: "HAILSTACK_TOOLCHAIN" } : undefined;
  }
  const places: [NonNullable<Tool["source"]>, string][] = [
    ["beside hailstack", besideExecutable],
    ["beside hailstack", join(besideExecutable, "toolchain")],
    ["cache", cache],
    ...(env.PATH ?? "")
      .split(delimiter)
      .filter(isAbsolute)
      .map((folder): ["PATH", string] => ["PATH", folder]),
  ];
  for (const [source, folder] of places) {
    const path = join(folder, name);
    if (await executable(path)) return { path, source };
  }
  return undefined;
}

const executable = (path: string): Promise<boolean> =>
  Promise.all([access(path, constants.X_OK), stat(path)]).then(
    ([, found]) => found.isFile(),
    () => false,
  );

function missing({ env, cache, besideExecutable }: ToolchainPlaces, name: ToolName): Problem {
  const title = name === "pulumi" ? "Pulumi CLI not found" : `${name} not found`;
  const looked = env.HAILSTACK_TOOLCHAIN
    ? `HAILSTACK_TOOLCHAIN=${env.HAILSTACK_TOOLCHAIN}`
    : `${besideExecutable}, ${cache} and PATH`;
  return {
    slug: "tool-missing",
    message: `${title}: looked in ${looked}`,
    where: name,
    fix: "run 'npm run setup' in a checkout of hailstack, or set HAILSTACK_TOOLCHAIN to the folder that holds it",
  };
}

function unusable(path: string, name: ToolName, what: string): Problem {
  return {
    slug: "tool-unusable",
    message: `${path} cannot be used: ${what}`,
    where: name,
    fix: `run 'npm run setup' in a checkout of hailstack, or point HAILSTACK_TOOLCHAIN at a folder with ${name} ${wanted[name].version}`,
  };
}

function compareVersions(left: string, right: string): number {
  const [a, b] = [left.split(".").map(Number), right.split(".").map(Number)];
  return a.map((part, index) => part - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

/** The folder a checkout's `npm run setup` fills for these sources; see setup/toolchain.mjs, which names it alike. */
export const toolchainCache = (cacheDir: string): string => join(cacheDir, "toolchain", "current");
