/** What one run of the command line did, beside what it said. */
import { afterAll, inject } from "vitest";
import type { Entry } from "../../support/cloud/journal.ts";
import { startRig, type Ran, type Rig, type RigOptions } from "../../support/rig.ts";

/** A rig for all tests of a file, one after another; when they are done no secret may have been left anywhere. */
export async function openRig(options: Partial<RigOptions> = {}): Promise<Rig> {
  const rig = await startRig({ s3Endpoint: inject("s3Endpoint"), ...options });
  afterAll(() => rig.stop());
  return rig;
}

/** For what must work before a test can begin. @throws Error with what the run said, unless it ends with 0 */
export async function succeeds(rig: Rig, ...args: string[]): Promise<Ran> {
  const ran = await rig.hailstack(...args);
  if (ran.code !== 0) throw new Error(`hailstack ${args.join(" ")} ended with ${ran.code}: ${ran.stderr}`);
  return ran;
}

export type Watched = Ran & {
  /** Every request to the cloud. */
  calls: Entry[];
  /** Those that change something, by operation, sorted. */
  writes: string[];
  /** Keys of the bucket that were added, changed or removed. */
  stored: string[];
};

/** `hailstack <args>`, or another run, with all that it did to the cloud and the bucket. */
export async function watched(rig: Rig, run: string[] | (() => Promise<Ran>)): Promise<Watched> {
  const mark = rig.cloud.journal.length;
  const before = await rig.objects.etags();
  const ran = await (Array.isArray(run) ? rig.hailstack(...run) : run());
  const after = await rig.objects.etags();
  const calls = rig.cloud.journal.slice(mark);
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return {
    ...ran,
    calls,
    writes: calls
      .filter(isWrite)
      .map(({ operation }) => operation)
      .sort(),
    stored: keys.filter((key) => before[key] !== after[key]).sort(),
  };
}

const isWrite = ({ method, operation }: Entry) =>
  !["GET", "HEAD"].includes(method) && operation !== "identity.tokens.create";

/** `error[slug]` of every error on stderr. */
export const slugs = ({ stderr }: Ran): string[] =>
  [...stderr.matchAll(/error\[([\w-]+)\]/g)].map(([, slug = ""]) => slug);

/** Every line of stdout as JSON. @throws SyntaxError when one is not */
export const jsonLines = ({ stdout }: Ran): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/** The last line of a `--json` run. */
export const resultOf = (ran: Ran): Record<string, unknown> => jsonLines(ran).at(-1) ?? {};

/** The things of one kind that are there now, by name. */
export const named = <T extends { name: string | null }>(things: ReadonlyMap<string, T>): Record<string, T> =>
  Object.fromEntries([...things.values()].map((thing) => [thing.name, thing]));
