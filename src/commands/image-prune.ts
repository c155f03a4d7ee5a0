/** `hailstack image prune`: remove what builds left when they were cut off, and images that others have replaced. */
import { Command, InvalidArgumentError } from "commander";
import { judgeSuperseded, supersededOf, usesOf } from "../cluster/built-images.ts";
import type { Leftover } from "../cluster/build-leftovers.ts";
import { sweep, type Orphan } from "../cluster/orphans.ts";
import type { Bucket, Cloud, World } from "../world.ts";
import { asFailure } from "./as-failure.ts";
import { findCredentials } from "./credentials.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { readStates } from "./states.ts";
import { surveyBuilds, sweepBuilds, type BuildSurvey } from "./sweep-builds.ts";

type PruneOptions = ConfigOptions & { yes?: true; keep: number; unrecorded?: true };

export const imagePruneCommand = (world: World): Command =>
  new Command("prune")
    .description("remove what killed builds left, and superseded images that nothing uses")
    .option("--keep <number>", "how many superseded images of each bundle stay", count, 0)
    .option("--unrecorded", "also what builds left that this bucket knows nothing of")
    .option("--yes", "do not ask")
    .action((options: PruneOptions) => prune(world, options));

function count(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("it must be a whole number, 0 or more.");
}

type Kept = Orphan & { why: string };
type Plan = { builds: BuildSurvey; images: Orphan[]; kept: Kept[] };

async function prune(world: World, { json, ...options }: PruneOptions): Promise<void> {
  const { terminal } = world;
  const loaded = await openConfig(world, options, ["state"]);
  const credentials = await findCredentials(world, loaded.env);
  const bucket = await world.openBucket(loaded.config.ceph_s3);
  const cloud = await world.openCloud(credentials);
  const look = () => planPrune(world, cloud, bucket, options);
  const plan = await terminal.stage("looking at what there is", look);
  const shown = going(plan);
  if (!json) terminal.print(planText(plan));
  if (shown.length > 0) {
    if (!options.yes) await terminal.confirm(`Delete ${shown.length === 1 ? "it" : `these ${shown.length}`}?`, "--yes");
  }
  // The prompt may have waited for long: only what was shown goes, and only if it still may.
  const still = options.yes || shown.length === 0 ? plan : within(await look(), shown);
  const removed = await asFailure(() => removeAll(world, cloud, bucket, still));
  if (json) terminal.print(JSON.stringify({ removed, kept: plan.kept }));
  else if (removed.length > 0) terminal.print(`Removed ${removed.length}.`);
}

async function planPrune(world: World, cloud: Cloud, bucket: Bucket, options: PruneOptions): Promise<Plan> {
  const builds = await surveyBuilds(world, cloud, bucket);
  const superseded = (await planSuperseded(world, cloud, bucket, options.keep)).map(
    ({ image: { id, name }, keep }) => ({
      kind: "image" as const,
      id,
      name,
      keep,
    }),
  );
  const { leftovers, running, unrecorded } = builds;
  const [taken, left] = options.unrecorded ? [unrecorded, []] : [[], unrecorded];
  const kept: Kept[] = [
    ...running.map((thing) => ({ ...withoutBuild(thing), why: "its build is under way" })),
    ...left.map((thing) => ({ ...withoutBuild(thing), why: unknownHere })),
    ...superseded.flatMap(({ keep: why, ...image }) => (why === undefined ? [] : [{ ...image, why }])),
  ];
  const images = superseded.flatMap(({ keep, ...image }) => (keep === undefined ? [image] : []));
  return { builds: { ...builds, leftovers: [...leftovers, ...taken] }, images, kept };
}

const unknownHere = "of a build that this bucket does not know, and which may run; --unrecorded takes it too";

async function planSuperseded(world: World, cloud: Cloud, bucket: Bucket, keep: number) {
  const images = supersededOf(await cloud.ownImages(), cloud.identity.projectId);
  if (images.length === 0) return [];
  const [servers, { known, unread }] = await Promise.all([cloud.servers(), readStates(world, bucket)]);
  const shared = images.filter(({ visibility }) => visibility === "shared");
  const members = await Promise.all(shared.map(async ({ id }) => [id, await cloud.imageMembers(id)] as const));
  const facts = { servers, unread, uses: usesOf(known), members: new Map(members) };
  return judgeSuperseded(images, { ...facts, project_id: cloud.identity.projectId }, keep);
}

const going = ({ builds, images }: Plan): Orphan[] => [...builds.leftovers.map(withoutBuild), ...images];
const withoutBuild = ({ kind, id, name }: Leftover): Orphan => ({ kind, id, name });

/** The plan without what is not among `shown`. */
function within({ builds, images, kept }: Plan, shown: readonly Orphan[]): Plan {
  const keys = new Set(shown.map(({ kind, id }) => `${kind} ${id}`));
  const isShown = ({ kind, id }: Orphan): boolean => keys.has(`${kind} ${id}`);
  const leftovers = builds.leftovers.filter(isShown);
  // A build with more than was shown keeps its record for the next time.
  const more = new Set(builds.leftovers.filter((thing) => !isShown(thing)).map(({ build }) => build));
  const dead = builds.dead.filter(({ build }) => !more.has(build));
  return { builds: { ...builds, leftovers, dead }, images: images.filter(isShown), kept };
}

async function removeAll(world: World, cloud: Cloud, bucket: Bucket, { builds, images }: Plan): Promise<Orphan[]> {
  const leftovers = await sweepBuilds(world, cloud, bucket, builds);
  await sweep(cloud, images, ({ name }) => world.terminal.report({ event: "note", message: `removed image ${name}` }));
  return [...leftovers.map(withoutBuild), ...images];
}

function planText({ builds, images, kept }: Plan): string {
  const line = ({ kind, id, name }: Orphan): string => `  ${kind} ${name}${name === id ? "" : ` (${id})`}`;
  const part = (title: string, lines: readonly string[]): string[] => (lines.length > 0 ? [`${title}:`, ...lines] : []);
  const lines = [
    ...part("left by builds that were cut off", builds.leftovers.map(line)),
    ...part("superseded, and used by nothing", images.map(line)),
    ...part(
      "kept",
      kept.map((thing) => `${line(thing)}: ${thing.why}`),
    ),
  ];
  return builds.leftovers.length + images.length > 0 ? lines.join("\n") : ["Nothing to prune.", ...lines].join("\n");
}
