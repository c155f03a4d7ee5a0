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

/** A config with what a build needs of it. */
export type BuildConfig = { loaded: Loaded; bundle: Bundle; packer: NonNullable<Loaded["config"]["packer"]> };

/** One build: what is made, from what, where. */
export type Build = BuildConfig & {
  id: string;
  /** Name of the published image. */
  image: string;
  cloud: Cloud;
  bucket: Bucket;
  site: ImageSite;
  files: BuildFiles;
  logFile: string;
  started: Date;
};

/** From a config without faults on. */
export async function buildImage(world: World, loaded: Loaded, options: BuildImageOptions): Promise<void> {
  const { bundle, config } = loaded;
  if (!bundle || !config.packer) throw new Error("build-image loads its config with a bundle and [packer]");
  const given = { loaded, bundle, packer: config.packer };
  const files = await readBuildFiles(world, given);
  const builder = await world.openImageBuilder();
  try {
    const build = await draftBuild(world, given, files, options);
    const published = await whileAnnounced(world, build, async () => {
      const built = await bake(world, build, builder, options);
      return world.terminal.stage("publishing", () => publishImage(world, build, built));
    });
    showPublished(world, build, published);
  } finally {
    await builder.close();
  }
}

/** Runs `work` with a record of the build in the bucket; what the build has made around its image goes in any case. */
async function whileAnnounced<T>(world: World, build: Build, work: () => Promise<T>): Promise<T> {
  const signals = takeSignals(world.interrupts);
  try {
    const forget = await announceBuild(build.bucket, world, record(build));
    try {
      return await asFailure(work);
    } finally {
      const isClear = await removeBuild(world, build, signals.second);
      // A record that stays is how the next build, or `image prune`, finds what could not be removed now.
      await forget(isClear ? "all is gone" : "something is left").catch((error: unknown) =>
        tellRecordLeft(world, build, error),
      );
    }
  } finally {
    signals.letGo();
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
async function draftBuild(
  world: World,
  given: BuildConfig,
  files: BuildFiles,
  options: BuildImageOptions,
): Promise<Build> {
  const { terminal } = world;
  const { loaded, bundle } = given;
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
  return { ...given, id, image, cloud, bucket, site, files, logFile, started: world.now() };
}
