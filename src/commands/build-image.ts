/** `hailstack build-image`: bake a bundle's image, and publish it once it has passed its own tests. */
import { announceBuild, buildName, newBuildId } from "../cluster/builds.ts";
import { imagePreflight, imageWish, readImageFacts, type ImageSite } from "../cluster/image-preflight.ts";
import { imageName } from "../cluster/plan.ts";
import type { Bundle } from "../config/bundles.ts";
import type { Loaded } from "../config/load.ts";
import { Exit, HailstackError } from "../errors.ts";
import type { Bucket, BuiltImage, Cloud, ImageBuilder, Interrupts, World } from "../world.ts";
import { asFailure } from "./as-failure.ts";
import type { BuildImageOptions } from "./build-image-command.ts";
import { readBuildFiles, renderBuild, type BuildFiles } from "./build-inputs.ts";
import { makeSurroundings, removeBuild } from "./build-surroundings.ts";
import { findCredentials } from "./credentials.ts";
import { publishImage, showPublished } from "./publish-image.ts";
import { sweepBuilds } from "./sweep-builds.ts";
import { withFault } from "./server-fault.ts";

/** One build: what is made, from what, where. */
export type Build = {
  id: string;
  bundle: Bundle;
  /** Name of the published image. */
  image: string;
  loaded: Loaded;
  cloud: Cloud;
  bucket: Bucket;
  site: ImageSite;
  files: BuildFiles;
  logFile: string;
  started: Date;
};

/** From a config without faults on. */
export async function buildImage(world: World, loaded: Loaded, options: BuildImageOptions): Promise<void> {
  const { terminal } = world;
  const files = await readBuildFiles(world, loaded);
  const builder = await world.openImageBuilder();
  try {
    const build = await draftBuild(world, loaded, files, options);
    const signals = takeSignals(world.interrupts);
    const forget = await announceBuild(build.bucket, world, record(build));
    let isClear = false;
    try {
      const published = await asFailure(async () => {
        const built = await bake(world, build, builder, options);
        return terminal.stage("publishing", () => publishImage(world, build, built));
      });
      isClear = await removeBuild(world, build, signals.second);
      showPublished(world, build, published);
    } catch (error) {
      isClear = await removeBuild(world, build, signals.second);
      throw error;
    } finally {
      // A record that stays is how the next build, or `image prune`, finds what could not be removed now.
      await forget(isClear ? "all is gone" : "something is left").catch((error: unknown) =>
        tellRecordLeft(world, build, error),
      );
      signals.letGo();
    }
  } finally {
    await builder.close();
  }
}

/** It harms nobody, and must not hide how the build ended. @throws what is no trouble of the store */
function tellRecordLeft({ terminal }: World, { id }: Build, error: unknown): void {
  if (!(error instanceof HailstackError)) throw error;
  const message = `the record of build ${id} is still in the bucket: ${error.message}`;
  const fix = "the next build or 'hailstack image prune' removes it";
  terminal.report({ event: "warning", slug: "build-record-left", message, where: buildName(id), fix });
}

/** From the first thing that is made to the last that is removed, a signal only asks us to stop. */
function takeSignals(interrupts: Interrupts): { second: Promise<void>; letGo: () => void } {
  const { promise: second, resolve } = Promise.withResolvers<void>();
  const letGo = interrupts.listen((count) => {
    if (count > 1) resolve();
  });
  return { second, letGo };
}

/** Everything of the build server, from its surroundings to its image. @throws HailstackError (1, 130, 143) */
async function bake(
  world: World,
  build: Build,
  builder: ImageBuilder,
  { timeout }: BuildImageOptions,
): Promise<BuiltImage> {
  const { terminal } = world;
  const rendered = await terminal.stage("preparing", async (detail) => {
    const made = await makeSurroundings(world, build);
    const inputs = renderBuild(build, made);
    await builder.validate(inputs);
    detail(`${build.site.flavour.name} on ${build.site.network.name}${made.address ? `, ${made.address}` : ""}`);
    return inputs;
  });
  terminal.report({ event: "note", message: `everything the build says is kept in ${build.logFile}` });
  return terminal.stage("building the image", () =>
    withFault(build, () => builder.build(rendered, { timeoutMs: timeout * 60_000 })),
  );
}

const record = ({ id, bundle, cloud }: Build) => ({
  build: id,
  bundle: bundle.id,
  project_id: cloud.identity.projectId,
});

/** Logs in, clears what killed builds left, and asks the project for everything the build needs. */
async function draftBuild(world: World, loaded: Loaded, files: BuildFiles, options: BuildImageOptions): Promise<Build> {
  const { terminal } = world;
  const { bundle } = loaded;
  if (!bundle) throw new Error("build-image loads its config with a bundle");
  const credentials = await findCredentials(world, loaded.env);
  const { cloud, bucket } = await terminal.stage("connecting", async (detail) => {
    const [bucket, cloud] = await Promise.all([world.openBucket(loaded.config.ceph_s3), world.openCloud(credentials)]);
    const { user, project, projectId } = cloud.identity;
    detail(`${user} in project ${project} (${projectId}), by ${credentials.source}`);
    return { cloud, bucket };
  });
  const image = imageName(bundle.id);
  const wish = imageWish(loaded.config, image, options.replace === true);
  const site = await terminal.stage("checking the cloud", async (detail) => {
    await sweepBuilds(world, cloud, bucket);
    const { site, problems, warnings } = imagePreflight(wish, await readImageFacts(cloud, wish));
    if (problems.length > 0 || !site) throw new HailstackError(Exit.preflight, problems);
    for (const warning of warnings) terminal.report({ event: "warning", ...warning });
    detail(`${image} from ${site.base.name} (${site.base.id})`);
    return site;
  });
  const id = newBuildId();
  const logFile = await world.stateFile(`builds/${buildName(id)}.log`);
  return { id, bundle, image, loaded, cloud, bucket, site, files, logFile, started: world.now() };
}
