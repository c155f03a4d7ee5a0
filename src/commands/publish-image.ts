/** A tested image gets its name, and what it holds is kept beside the states. */
import * as z from "zod/mini";
import { ownId } from "../cluster/built-images.ts";
import { buildName } from "../cluster/builds.ts";
import { Exit, failure, HailstackError } from "../errors.ts";
import type { BuiltImage, Image, World } from "../world.ts";
import type { Build } from "./build-image.ts";
import { sizeText } from "./image-text.ts";

const Told = z.object({
  build: z.string(),
  bundle: z.string(),
  versions: z.record(z.string(), z.string()),
  components: z.number(),
});
/** A stage of the bake: seconds it took, MiB it added to the file system. */
export type StageCost = { stage: string; seconds: number; mib: number };
export type Published = { image: Image; stages: StageCost[]; components: number; superseded: Image[] };

/**
 * Looks whether the cloud holds what the bake told of, stores its provenance, and gives it its name: what had it before
 * is put aside first, and gets it back when that fails.
 * @throws HailstackError (1) when it is not what was built, or another build was quicker
 */
export async function publishImage(world: World, build: Build, built: BuiltImage): Promise<Published> {
  const { id, bundle, cloud, image } = build;
  const told = Told.safeParse(jsonOf(built.results["image.json"])).data;
  const found = await cloud.image(built.id);
  if (found?.status !== "active" || found.name !== buildName(id) || told?.build !== id || told.bundle !== bundle.id) {
    const message = `the image is not the one that was built: it is ${found?.status ?? "gone"}, called '${found?.name ?? ""}', and says it is of build ${told?.build ?? "unknown"}`;
    throw failure(Exit.failed, "image-not-proved", message, "run it again", { where: built.id });
  }
  await keepProvenance(world, build, built);
  const superseded = await giveName(build, built.id).catch(async (error: unknown) => {
    // What it is of goes too. It harms nobody if it stays.
    for (const name of provenance) await build.bucket.delete(provenanceKey(built.id, name)).catch(() => {});
    throw error;
  });
  const named = (await cloud.image(built.id)) ?? { ...found, name: image };
  return { image: named, stages: stagesOf(built.results["stages.tsv"]), components: told.components, superseded };
}

const provenance = ["image.json", "sbom.cdx.json", "stages.tsv"];
const provenanceKey = (id: string, name: string): string => `hailstack/images/${id}/${name}`;

/** An hour's work is not thrown away because a list of its parts cannot be stored: they are kept here then. */
async function keepProvenance(world: World, { bucket, logFile }: Build, { id, results }: BuiltImage): Promise<void> {
  const kept = provenance.flatMap((name) => {
    const text = results[name];
    return text === undefined ? [] : [[name, text] as const];
  });
  try {
    for (const [name, text] of kept) await bucket.put(provenanceKey(id, name), text);
  } catch (error) {
    if (!(error instanceof HailstackError)) throw error;
    const folder = `${logFile}.parts`;
    for (const [name, text] of kept) await world.files.writeAtomic(`${folder}/${name}`, text, 0o600);
    for (const problem of error.problems) world.terminal.report({ event: "warning", ...problem });
    const message = "the list of what is in the image could not be stored beside the states; it is kept here";
    const fix = `copy it to hailstack/images/${id}/ in the bucket when that answers again`;
    world.terminal.report({ event: "warning", slug: "provenance-kept", message, where: folder, fix });
  }
}

async function giveName({ cloud, image, site, started }: Build, id: string): Promise<Image[]> {
  // Minutes or hours have gone by since preflight looked.
  const now = (await cloud.images(image)).filter(({ status }) => status === "active");
  const expected = new Set(site.superseded.map((old) => old.id));
  const surprise = now.find((one) => !expected.has(one.id));
  if (surprise) {
    const message = `another image was published as '${image}' while this one was built (${surprise.id})`;
    const fix = "use that one, or build again with --replace";
    throw failure(Exit.failed, "image-name-taken", message, fix, { where: image });
  }
  const stamp = started.toISOString().replace(/[-:]|\.\d+/g, "");
  const aside: Image[] = [];
  try {
    for (const old of now) {
      const name = `${image}-superseded-${stamp}`;
      await cloud.changeImage(old.id, { name, properties: { hailstack_superseded: "true" } });
      aside.push(old);
    }
    await cloud.changeImage(id, { name: image, properties: { [ownId]: id } });
  } catch (error) {
    for (const old of aside)
      await cloud.changeImage(old.id, { name: image, properties: { hailstack_superseded: "false" } });
    throw error;
  }
  return aside;
}

function jsonOf(text = ""): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Lines of name, seconds and MiB with tabs between them. */
function stagesOf(text = ""): StageCost[] {
  const rows = text.split("\n").map((line) => line.split("\t"));
  return rows.flatMap(([stage, seconds, mib]) =>
    stage && seconds && mib ? [{ stage, seconds: Number(seconds), mib: Number(mib) }] : [],
  );
}

/** The id alone on stdout; the rest is for people, or in the result. */
export function showPublished({ terminal, now }: World, build: Build, published: Published): void {
  const { image, stages, components, superseded } = published;
  const { id, name, sizeBytes } = image;
  const size = sizeBytes === undefined ? "" : `, ${sizeText(sizeBytes)}`;
  terminal.report({ event: "note", message: `image ${name} is published: ${components} components${size}` });
  for (const old of superseded) {
    const message = `the one before it is kept aside (${old.id}); hailstack image prune removes it once no cluster uses it`;
    terminal.report({ event: "note", message });
  }
  terminal.print(id);
  terminal.result({
    image_id: id,
    image: name,
    bundle: build.bundle.id,
    build: build.id,
    size_bytes: sizeBytes ?? null,
    superseded: superseded.map((old) => old.id),
    stages,
    seconds: Math.round((now().getTime() - build.started.getTime()) / 1000),
    log: build.logFile,
  });
}
