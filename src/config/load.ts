/** A config as a command gets it: read, filled from the environment, checked, or refused with everything at once. */
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { Env, World } from "../world.ts";
import type { Bundle } from "./bundles.ts";
import { checkFile, nameWarnings, secretValues } from "./check.ts";
import { chooseBundle } from "./choose-bundle.ts";
import { readEnvironment } from "./environment.ts";
import { inOrder, valueAt } from "./faults.ts";
import { type Need, wantsVolume } from "./needs.ts";
import { checkPasswords, type Passwords } from "./passwords.ts";
import type { Config } from "./schema.ts";
import { parseToml, type TomlFile } from "./toml.ts";
import { substitute, type Substituted } from "./variables.ts";
import type { CertificateChoice, WebCertificate } from "./web-certificate.ts";

export type { Need } from "./needs.ts";

export type LoadOptions = {
  /** Path of the TOML file, as the user gave it. */
  config: string;
  /** Path of a `.env` file. */
  dotenv?: string;
  /** Wins over `cluster.bundle`. */
  bundle?: string;
};

export type Loaded = {
  /** `worker_flavour` and `packer.network` are never blank; neither is `bundle` when one was asked for. */
  readonly config: Config;
  readonly path: string;
  /** The process's variables, over those of the `.env` file. */
  readonly env: Env;
  /** When `bundle` was needed. */
  readonly bundle?: Bundle;
  /** When `passwords` were needed; `volume` when there is a data volume. */
  readonly passwords?: Passwords;
  /** When `certificate` was needed, and the config names one. */
  readonly certificate?: WebCertificate;
  readonly warnings: readonly Problem[];
  /** Every secret among the values, for masking. */
  readonly secrets: readonly string[];
};

export type LoadingWorld = Pick<World, "files" | "env" | "asset" | "now">;

/**
 * Contacts nothing. `needs` is what the command requires beyond a valid file.
 * @throws HailstackError (2) with every fault of the file, in its order, and of the environment
 */
export async function loadConfig(
  world: LoadingWorld,
  options: LoadOptions,
  needs: readonly Need[] = [],
): Promise<Loaded> {
  const environment = await readEnvironment(world, options.dotenv);
  const { env, problems: missing } = environment;
  const toml = await readToml(world, options.config, missing);
  const file = substitute(toml.data, env);
  const check = checkFile(file, needs, missing.length === 0);
  const wish = { config: options.config, option: options.bundle, env, raw: toml.data, file };
  const choice = needs.includes("bundle") ? await chooseBundle(world, wish) : undefined;
  const own = needs.includes("certificate") ? await certificateOf(world, { config: options.config, file }) : undefined;
  const asked = needs.includes("passwords") ? checkPasswords(env, wantsVolume(file)) : undefined;

  const located = toml.locate([...check.faults, ...(choice?.faults ?? []), ...(own?.faults ?? [])]);
  const inFile = inOrder([...toml.faults, ...located]);
  const absent = missing.length === 0 ? (asked?.problems ?? []) : [];
  const problems = [...missing, ...inFile, ...(choice?.problems ?? []), ...absent];
  const { config } = check;
  if (problems.length > 0 || config === undefined) throw new HailstackError(Exit.usage, problems);

  const warnings = inOrder(toml.locate([...check.warnings, ...(await nameWarnings(config)), ...(own?.warnings ?? [])]));
  return {
    config: completed(config, choice?.bundle),
    path: options.config,
    env,
    ...(choice?.bundle ? { bundle: choice.bundle } : {}),
    ...(own?.certificate ? { certificate: own.certificate } : {}),
    ...(asked ? { passwords: asked.passwords } : {}),
    warnings: [...environment.warnings, ...warnings, ...(choice?.warnings ?? []), ...(asked?.warnings ?? [])],
    secrets: [
      ...new Set([...environment.secrets, ...secretValues(file), ...(own?.certificate ? [own.certificate.key] : [])]),
    ],
  };
}

/** @throws HailstackError (2) with what is wrong with the file, and with the `.env` file before it */
async function readToml({ files }: Pick<World, "files">, path: string, before: readonly Problem[]): Promise<TomlFile> {
  try {
    return await parseToml(path, await files.readText(path));
  } catch (error) {
    if (!(error instanceof HailstackError) || before.length === 0) throw error;
    throw new HailstackError(error.exitCode, [...before, ...error.problems], { cause: error });
  }
}

/** Loaded for those alone who have one: it looks into keys. */
async function certificateOf(
  world: LoadingWorld,
  { config, file }: { config: string; file: Substituted },
): Promise<CertificateChoice | undefined> {
  if (valueAt(file.data, ["web"]) === undefined) return undefined;
  const { readCertificate } = await import("./web-certificate.ts");
  return readCertificate(world.files, { config, file, now: world.now() });
}

/** What one field takes from another, or from the bundles. */
function completed(config: Config, bundle: Bundle | undefined): Config {
  const { cluster, packer } = config;
  const worker_flavour = cluster.worker_flavour || cluster.master_flavour;
  return {
    ...config,
    cluster: { ...cluster, worker_flavour, bundle: bundle?.id ?? cluster.bundle },
    packer: packer && { ...packer, network: packer.network || cluster.network_name },
  };
}
