/** Finds the programs hailstack drives. Looks only: nothing is downloaded or built from here. */
import { execFile } from "node:child_process";
import { access, constants, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { promisify } from "node:util";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { Env, Tool } from "../world.ts";

type Wanted = {
  title?: string;
  /** This or a later one of the same major version, or with `exact` no other (toolchain/README.md). */
  version: string;
  exact?: true;
  /** What makes it tell its version. */
  args: readonly string[];
  /** Script of package.json that builds it. */
  script: string;
  neededBy?: string;
};
const wanted = {
  pulumi: { title: "Pulumi CLI", version: "3.256.0", args: ["version"], script: "setup" },
  "pulumi-resource-openstack": { version: "3.15.2", exact: true, args: ["--version"], script: "setup" },
  packer: { title: "Packer", version: "1.11.0", args: ["version"], script: "toolchain", neededBy: "build-image" },
  "packer-plugin-openstack": { version: "1.1.2", args: ["describe"], script: "toolchain", neededBy: "build-image" },
} as const satisfies Record<string, Wanted>;
export type ToolName = keyof typeof wanted;
const wantedOf = (name: ToolName): Wanted => wanted[name];

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
  const { version, exact, args, neededBy } = wantedOf(name);
  const tool = { name, wanted: exact ? version : `>= ${version}`, ...(neededBy ? { neededBy } : {}) };
  const place = await firstPlace(places, name);
  if (!place) return { ...tool, problem: missing(places, name) };
  const found = { ...tool, path: place.path, source: place.source };
  const output = await answerOf(place.path, args, places);
  const actual = /\d+\.\d+\.\d+/.exec(output)?.[0];
  if (!actual) return { ...found, problem: unusable(found.path, name, `it does not answer '${args.join(" ")}'`) };
  const fits = exact ? actual === version : isSuccessor(actual, version);
  return fits
    ? { ...found, version: actual }
    : { ...found, version: actual, problem: unusable(found.path, name, `version ${actual}, wanted ${tool.wanted}`) };
}

/**
 * The protocol that Packer's plugin at `path` speaks, in the form its file name must tell: `x5.0`.
 * @throws HailstackError (2) when it does not say
 */
export async function pluginProtocol(places: ToolchainPlaces, path: string): Promise<string> {
  const name = "packer-plugin-openstack";
  const told = await answerOf(path, wanted[name].args, places);
  const protocol = /"api_version":\s*"(x\d+\.\d+)"/.exec(told)?.[1];
  if (protocol) return protocol;
  throw new HailstackError(Exit.usage, [unusable(path, name, "it does not tell its protocol")]);
}

/** What programs have said of themselves; each is asked once, however often it is looked for. */
const answers = new Map<string, Promise<string>>();

/** Tens of megabytes that a busy machine has never read before. */
const usualPatienceMs = 60_000;

function answerOf(
  path: string,
  args: readonly string[],
  { env, patienceMs = usualPatienceMs }: ToolchainPlaces,
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
  CHECKPOINT_DISABLE: "1",
  // Packer makes folders in a home, and says nothing without one; these it can neither make nor miss.
  PACKER_CONFIG_DIR: "/nonexistent",
  PACKER_CACHE_DIR: "/dev/null",
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
  const { title = name, script } = wantedOf(name);
  const looked = env.HAILSTACK_TOOLCHAIN
    ? `HAILSTACK_TOOLCHAIN=${env.HAILSTACK_TOOLCHAIN}`
    : `${besideExecutable}, ${cache} and PATH`;
  return {
    slug: "tool-missing",
    message: `${title} not found: looked in ${looked}`,
    where: name,
    fix: `run 'npm run ${script}' in a checkout of hailstack, or set HAILSTACK_TOOLCHAIN to the folder that holds it`,
  };
}

function unusable(path: string, name: ToolName, what: string): Problem {
  const { script, version } = wantedOf(name);
  return {
    slug: "tool-unusable",
    message: `${path} cannot be used: ${what}`,
    where: name,
    fix: `run 'npm run ${script}' in a checkout of hailstack, or point HAILSTACK_TOOLCHAIN at a folder with ${name} ${version}`,
  };
}

/** The same or later, and of the same major version. */
function isSuccessor(actual: string, wanted: string): boolean {
  const [a, b] = [actual.split(".").map(Number), wanted.split(".").map(Number)];
  const difference = a.map((part, index) => part - (b[index] ?? 0)).find((one) => one !== 0) ?? 0;
  return difference >= 0 && a[0] === b[0];
}

/** The folder a checkout's `npm run setup` fills for these sources; see setup/toolchain.mjs, which names it alike. */
export const toolchainCache = (cacheDir: string): string => join(cacheDir, "toolchain", "current");
