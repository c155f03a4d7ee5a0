/** `hailstack image list`: images of bundles, what is in them and which clusters were made from them. */
import { Command } from "commander";
import { bundleOf, imageRows, isBuilt, isSnapshot, usesOf, type ImageRow } from "../cluster/built-images.ts";
import { buildNamed } from "../cluster/builds.ts";
import type { Cloud, Image, World } from "../world.ts";
import { findCredentials } from "./credentials.ts";
import { ageText, digestText, sizeText, visibilityText } from "./image-text.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { readStates } from "./states.ts";

export const imageListCommand = (world: World): Command =>
  new Command("list")
    .description("show the images of bundles, and which clusters were made from them")
    .action((options: ConfigOptions) => listImages(world, options));

async function listImages(world: World, { json, ...options }: ConfigOptions): Promise<void> {
  const loaded = await openConfig(world, options, ["state"]);
  const credentials = await findCredentials(world, loaded.env);
  const bucket = await world.openBucket(loaded.config.ceph_s3);
  const [cloud, { known }] = await Promise.all([world.openCloud(credentials), readStates(world, bucket)]);
  const [images, offered] = await Promise.all([bundleImages(cloud), cloud.offeredImages()]);
  const rows = imageRows(images, offered.filter(isBuilt), usesOf(known), cloud.identity.projectId);
  world.terminal.print(json ? JSON.stringify({ images: rows }) : imagesText(world, rows, cloud.identity.project));
}

/** Those that builds of ours made, whoever's they are, and those of the project that only the name tells of. */
async function bundleImages(cloud: Cloud): Promise<Image[]> {
  const [built, own] = await Promise.all([cloud.builtImages(), cloud.ownImages()]);
  const named = own.filter((image) => bundleOf(image) !== "" || buildNamed(image.name) !== undefined);
  return [...built, ...named].filter((image) => !isSnapshot(image));
}

function imagesText({ terminal, now }: World, rows: readonly ImageRow[], project: string): string {
  if (rows.length === 0) {
    return `No images of bundles in project '${project}'. Build one: hailstack build-image --config <file>`;
  }
  const cells = rows.map((row) => [
    row.bundle || "?",
    row.id,
    sizeText(row.size_bytes),
    ageText(row.built_at, now()),
    digestText(row.digest),
    visibilityText(row),
    row.state === "not active" ? row.status : row.state,
    row.used_by.join(", ") || "-",
  ]);
  const header = ["BUNDLE", "ID", "SIZE", "AGE", "DIGEST", "VISIBILITY", "STATE", "USED BY"];
  return [terminal.table(cells, header), ...hints(rows)].join("\n");
}

function hints(rows: readonly ImageRow[]): string[] {
  const has = (...states: ImageRow["state"][]) => rows.some(({ state }) => states.includes(state));
  return [
    ...(has("offered") ? ["", "Offered by other projects; to take one: hailstack image accept <id>"] : []),
    ...(has("half-built", "superseded") ? ["", "What nobody needs any more goes with: hailstack image prune"] : []),
  ];
}
