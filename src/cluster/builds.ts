/**
 * Builds of images, as they tell of themselves in the state bucket: a record is there from before a build makes its
 * first thing until its last one is gone, and is renewed while it runs.
 */
import { randomBytes } from "node:crypto";
import * as z from "zod/mini";
import type { Bucket, World } from "../world.ts";

const prefix = "hailstack/builds/";
const recordKey = (build: string): string => `${prefix}${build}.json`;

/** 64 random bits. They are in the name of everything a build makes, and so mark it as the build's own. */
export const newBuildId = (): string => randomBytes(8).toString("hex");

/** What a build calls its server, key pair, group, port and image, and how it describes its floating IP. */
export const buildName = (build: string): string => `hailstack-build-${build}`;

/** The build whose thing bears exactly this name or description; undefined for everything else. */
export const buildNamed = (name: string): string | undefined => /^hailstack-build-([0-9a-f]{16})$/.exec(name)?.[1];

const BuildRecord = z.object({
  build: z.string(),
  bundle: z.string(),
  /** Where its things are; empty when the record was damaged. */
  project_id: z.string(),
  host: z.string(),
  pid: z.number(),
  user: z.string(),
  /** ISO 8601, both by the builder's clock. */
  started_at: z.string(),
  beat_at: z.string(),
});
export type BuildRecord = z.infer<typeof BuildRecord>;

/** A record, and when it was last renewed by the store's clock. */
export type Build = BuildRecord & { renewed: Date };

export const putBuild = (bucket: Bucket, record: BuildRecord): Promise<void> =>
  bucket.put(recordKey(record.build), `${JSON.stringify(record, null, 2)}\n`);

/** Fine when there is no record of it. */
export const forgetBuild = (bucket: Bucket, build: string): Promise<void> => bucket.delete(recordKey(build));

/** Every build that has not ended well, of any project. */
export async function readBuilds(bucket: Bucket): Promise<Build[]> {
  const builds: Build[] = [];
  for (const { key, modified } of await bucket.list(prefix)) {
    // A cluster may be called `builds`, and has objects below the same prefix.
    const id = /^([0-9a-f]{16})\.json$/.exec(key.slice(prefix.length))?.[1];
    const bytes = id === undefined ? undefined : await bucket.get(key);
    if (id !== undefined && bytes) builds.push({ ...readRecord(id, bytes, modified), build: id, renewed: modified });
  }
  return builds;
}

/** Whatever is in a record, it says that there was a build, and its age whether there still is. */
function readRecord(build: string, bytes: Uint8Array, modified: Date): BuildRecord {
  const at = modified.toISOString();
  const unknown = { host: "unknown", pid: 0, user: "unknown" };
  const damaged = { build, bundle: "", project_id: "", ...unknown, started_at: at, beat_at: at };
  try {
    return BuildRecord.safeParse(JSON.parse(Buffer.from(bytes).toString("utf8"))).data ?? damaged;
  } catch {
    return damaged;
  }
}

/** How often a build renews its record. */
const beatMs = 30_000;
/** How long a build of another machine may be silent: a store that is away for minutes must not end it. */
const silenceMs = 600_000;

/** Whether nobody is at work on it any more. `now` is the store's time. */
export function abandoned(
  { host, pid, renewed }: Pick<Build, "host" | "pid" | "renewed">,
  machine: Pick<World["machine"], "hostname" | "alive">,
  now: Date,
): boolean {
  if (host === machine.hostname && !machine.alive(pid)) return true;
  return now.getTime() - renewed.getTime() > silenceMs;
}

/** The store's time, after at least one answer of it. */
export const storeTime = (bucket: Bucket, now: Date): Date =>
  new Date(now.getTime() + (bucket.clockSkewSeconds() ?? 0) * 1000);

/**
 * Tells that a build runs here, from now on until the function that is returned is called: once everything it made
 * is gone, or with what it made left, of which the record then tells. A renewal that the store does not take is made up
 * for by the next one.
 * @throws HailstackError (4) when the first word cannot be stored
 */
export async function announceBuild(
  bucket: Bucket,
  { machine, now }: Pick<World, "machine" | "now">,
  { build, bundle, project_id }: Pick<BuildRecord, "build" | "bundle" | "project_id">,
): Promise<(rest: "all is gone" | "something is left") => Promise<void>> {
  const { hostname: host, pid, user } = machine;
  const started_at = now().toISOString();
  const record = { build, bundle, project_id, host, pid, user, started_at };
  const beat = () => putBuild(bucket, { ...record, beat_at: now().toISOString() });
  await beat();
  let last: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => (last = beat().catch(() => {})), beatMs).unref();
  return async (rest) => {
    clearInterval(timer);
    // One that is under way would put the record back.
    await last;
    if (rest === "all is gone") await forgetBuild(bucket, build);
  };
}
