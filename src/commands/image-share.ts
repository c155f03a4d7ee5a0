/** `hailstack image share`: let other projects boot from an image of this one. */
import { Command, InvalidArgumentError } from "commander";
import { bundleOf } from "../cluster/built-images.ts";
import { buildNamed } from "../cluster/builds.ts";
import { Exit, failure } from "../errors.ts";
import type { Cloud, Image, ImageMember, World } from "../world.ts";
import { asFailure } from "./as-failure.ts";
import { openWanted, ownImage } from "./choose-image.ts";
import { findProjects, type NamedProject } from "./choose-projects.ts";
import { findCredentials } from "./credentials.ts";
import type { ConfigOptions } from "./open-config.ts";

type ShareOptions = ConfigOptions & { with: string[] };

export const imageShareCommand = (world: World): Command =>
  new Command("share")
    .description("offer an image to other projects, which accept it with 'image accept'")
    .argument("[image]", "id of an image, or of a bundle (default: the config's bundle)")
    .requiredOption("--with <projects>", "ids or names of projects, with commas between them", projectWords)
    .action((image: string | undefined, options: ShareOptions) => share(world, image, options));

/** `a,b`; may be given several times. */
function projectWords(text: string, before: string[] = []): string[] {
  const words = text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  if (words.length === 0) throw new InvalidArgumentError("it must name at least one project.");
  return [...before, ...words];
}

async function share(world: World, word: string | undefined, { json, ...options }: ShareOptions): Promise<void> {
  const { terminal } = world;
  const { loaded, wanted } = await openWanted(world, options, word);
  const cloud = await world.openCloud(await findCredentials(world, loaded.env));
  const projects = await findProjects(cloud, options.with);
  const image = await ownImage(cloud, wanted);
  refuseUseless(cloud, image, projects);
  const members = await asFailure(() => offer(cloud, image, projects));
  const rows = members.map((member) => ({ ...member, ...nameOf(member, projects) }));
  const answer = { image: image.id, name: image.name, bundle: bundleOf(image), members: rows.map(memberJson) };
  terminal.print(json ? JSON.stringify(answer) : sharedText(world, cloud, image, rows));
}

/** @throws HailstackError (3) for what would not be what was meant */
function refuseUseless({ identity }: Cloud, image: Image, projects: readonly NamedProject[]): void {
  if (projects.some(({ id }) => id === identity.projectId)) {
    const message = `image ${image.id} belongs to project ${identity.project} itself`;
    throw failure(Exit.preflight, "project-own", message, "name other projects with --with");
  }
  if (buildNamed(image.name) !== undefined) {
    const message = `image ${image.id} is half-built: '${image.name}' was never tested`;
    throw failure(Exit.preflight, "image-half-built", message, "share the image that build-image has published");
  }
  if (image.visibility === "private" || image.visibility === "shared") return;
  const message = `image ${image.id} is ${image.visibility}: every project may use it already`;
  const fix = "nothing is to be done; to take it from the others first: openstack image set --shared <id>";
  throw failure(Exit.preflight, "image-open-already", message, fix, { where: image.name });
}

async function offer(
  cloud: Cloud,
  { id, visibility }: Image,
  projects: readonly NamedProject[],
): Promise<ImageMember[]> {
  if (visibility !== "shared") await cloud.changeImage(id, { visibility: "shared" });
  for (const project of projects) await cloud.shareImage(id, project.id);
  return cloud.imageMembers(id);
}

type Row = ImageMember & { name?: string };

const nameOf = ({ projectId }: ImageMember, projects: readonly NamedProject[]): { name?: string } => {
  const name = projects.find(({ id }) => id === projectId)?.name;
  return name === undefined ? {} : { name };
};

const memberJson = ({ projectId, status, name }: Row) => ({ project_id: projectId, name: name ?? null, status });

function sharedText({ terminal }: World, { identity }: Cloud, image: Image, rows: readonly Row[]): string {
  const cells = rows.map(({ projectId, name = "", status }) => [projectId, name, status]);
  const pending = rows.filter(({ status }) => status === "pending").length;
  return [
    `Image ${image.id} (${image.name}) is shared with:`,
    terminal.table(cells, ["PROJECT", "NAME", "STATUS"]),
    ...(pending > 0
      ? ["", `Each pending project accepts it with: hailstack image accept --from ${identity.projectId} ${image.id}`]
      : []),
  ].join("\n");
}
