/** Looks for a rig's secrets everywhere they could have got to. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { bucketOf } from "./bucket.ts";
import { leaks } from "./canaries.ts";
import type { Ran } from "./processes.ts";
import type { Started } from "./recorded-tools.ts";

export type Watched = {
  secrets: readonly string[];
  /** Those that the engine and its plugin need, in their environment. */
  forEngine: readonly string[];
  objects: ReturnType<typeof bucketOf>;
  folder: string;
  /** The one file that holds secrets by the user's wish. */
  dotenv: string;
  started(): Started[];
};

/** @throws Error naming each leak, when there are any */
export function refuseLeaks(found: readonly string[]): void {
  if (found.length > 0) throw new Error(`secrets were shown or left behind: ${found.join("; ")}`);
}

export function watchSecrets(watched: Watched) {
  const { secrets, objects } = watched;
  /** Those that hailstack made itself; gone from the bucket with their cluster, and still nobody's business. */
  const passphrases = new Set<string>();

  async function learnPassphrases(): Promise<void> {
    for (const [key, text] of Object.entries(await objects.texts().catch(() => ({})))) {
      if (key.endsWith("/passphrase")) passphrases.add(text.trim());
    }
  }

  return {
    /** Hands a run on when its output is clean. @throws Error as refuseLeaks */
    async output(ran: Ran): Promise<Ran> {
      await learnPassphrases();
      refuseLeaks(leaksIn("output", ran.stdout + ran.stderr, [...secrets, ...passphrases]));
      return ran;
    },
    /** What is in the bucket, in files, and in what children were given. */
    async leftBehind(): Promise<string[]> {
      const texts = await objects.texts().catch(() => ({}));
      const stored = Object.entries(texts).flatMap(([key, text]) => leaksIn(`object ${key}`, text, secrets));
      const all = [...secrets, ...passphrases];
      return [...stored, ...inFiles(watched, all), ...watched.started().flatMap((one) => ofChild(one, watched, all))];
    },
  };
}

const leaksIn = (where: string, text: string, secrets: readonly string[]): string[] =>
  leaks(text, secrets).map((leak) => `${where}: ${leak}`);

function inFiles({ folder, dotenv }: Watched, secrets: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path !== dotenv && !path.startsWith(join(folder, "started/")))
    .flatMap((path) => leaksIn(`file ${path}`, readFileSync(path, "latin1"), secrets.map(asBytes)));
}

/** As a file read byte by byte shows it. */
const asBytes = (text: string) => Buffer.from(text).toString("latin1");

/** A child may know the cloud's password and the state's passphrase, in its environment only, and nothing else. */
function ofChild({ program, argv, env }: Started, { forEngine, secrets }: Watched, all: readonly string[]): string[] {
  const needed = Object.entries(env).filter(([name]) => name !== "OS_PASSWORD" && name !== "PULUMI_CONFIG_PASSPHRASE");
  const others = secrets.filter((secret) => !forEngine.includes(secret));
  return [
    ...leaksIn(`arguments of ${program}`, argv.join("\n"), all),
    ...leaksIn(`environment of ${program}`, Object.values(env).join("\n"), others),
    ...leaksIn(`environment of ${program}`, needed.map(([, value]) => value).join("\n"), all),
  ];
}
