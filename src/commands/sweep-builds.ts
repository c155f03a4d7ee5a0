/** Finding and removing what builds left behind when they were cut off: at the start of a build, and by `image prune`. */
import { findBuildLeftovers, readBuildFacts, type BuildRemains, type Leftover } from "../cluster/build-leftovers.ts";
import { abandoned, buildNamed, forgetBuild, readBuilds, storeTime, type Build } from "../cluster/builds.ts";
import { sweep } from "../cluster/orphans.ts";
import type { Bucket, Cloud, World } from "../world.ts";

export type BuildSurvey = BuildRemains & {
  /** Records of dead builds of this project. */
  dead: Build[];
};

/** Changes nothing. @throws HailstackError (3) for the cloud, (4) for the store */
export async function surveyBuilds(world: World, cloud: Cloud, bucket: Bucket): Promise<BuildSurvey> {
  const facts = await readBuildFacts(cloud);
  // After the cloud: a build announces itself before it makes anything, so nothing seen there can lack its record here.
  const builds = await readBuilds(bucket);
  const now = storeTime(bucket, world.now());
  const isDead = (build: Build): boolean => abandoned(build, world.machine, now);
  // A damaged record does not tell whose it was.
  const isOurs = ({ project_id }: Build): boolean => project_id === "" || project_id === cloud.identity.projectId;
  return {
    ...findBuildLeftovers(facts, builds, isDead),
    dead: builds.filter((build) => isDead(build) && isOurs(build)),
  };
}

/**
 * Deletes what dead builds of this project left, and then their records; a build that runs, here or elsewhere, is left
 * alone. `survey` is what to delete when that was looked up, and perhaps shown, before.
 * @returns what was deleted
 * @throws HailstackError when the cloud refuses to delete something; its build's record stays then
 */
export async function sweepBuilds(
  world: World,
  cloud: Cloud,
  bucket: Bucket,
  survey?: Pick<BuildSurvey, "leftovers" | "dead">,
): Promise<Leftover[]> {
  const { leftovers: found, dead } = survey ?? (await surveyBuilds(world, cloud, bucket));
  const leftovers = await withoutPublished(cloud, found);
  await sweep(cloud, leftovers, ({ kind, name }) =>
    world.terminal.report({ event: "note", message: `removed ${kind} ${name}` }),
  );
  for (const { build } of dead) await forgetBuild(bucket, build);
  return leftovers;
}

/** An image loses its build's name when it is published: by a builder that was only asleep, or that we knew nothing of. */
async function withoutPublished(cloud: Cloud, leftovers: readonly Leftover[]): Promise<Leftover[]> {
  const still = await Promise.all(
    leftovers.map(async (thing) => {
      if (thing.kind !== "image") return [thing];
      const now = await cloud.image(thing.id);
      return now !== undefined && buildNamed(now.name) === thing.build ? [thing] : [];
    }),
  );
  return still.flat();
}
