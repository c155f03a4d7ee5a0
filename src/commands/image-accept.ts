/** `hailstack image accept`: take an image that another project shares with this one. */
import { Command } from "commander";
import { builtAt, bundleOf, isBuilt } from "../cluster/built-images.ts";
import { imageName } from "../cluster/plan.ts";
import { Exit, failure, type HailstackError } from "../errors.ts";
import type { Cloud, Image, ImageMember, World } from "../world.ts";
import { asFailure } from "./as-failure.ts";
import { ambiguous, openWanted, type Wanted } from "./choose-image.ts";
import { findProjects } from "./choose-projects.ts";
import { findCredentials } from "./credentials.ts";
import { ageText, sizeText } from "./image-text.ts";
import type { ConfigOptions } from "./open-config.ts";

type AcceptOptions = ConfigOptions & { from?: string };

export const imageAcceptCommand = (world: World): Command =>
  new Command("accept")
    .description("take an image that another project has shared with this one")
    .argument("[image]", "id of an image, or of a bundle (default: the config's bundle)")
    .option("--from <project>", "only what this project offers, by its id or name")
    .action((image: string | undefined, options: AcceptOptions) => accept(world, image, options));

async function accept(world: World, word: string | undefined, { json, ...options }: AcceptOptions): Promise<void> {
  const { terminal } = world;
  const { loaded, wanted } = await openWanted(world, options, word);
  const cloud = await world.openCloud(await findCredentials(world, loaded.env));
  const from = options.from === undefined ? undefined : (await findProjects(cloud, [options.from]))[0]?.id;
  const all = await cloud.offeredImages();
  const offers = all.filter(isBuilt);
  if (!json && offers.length > 0) terminal.print(offersText(world, offers));
  // By its id also one that no build of ours made.
  const image = offerOf(wanted, from, "id" in wanted ? all : offers) ?? (await usable(cloud, wanted, from));
  const before = image && (await statusOf(cloud, image));
  if (image === undefined || before === undefined) throw notOffered(cloud, wanted, from, offers);
  const isNew = before !== "accepted";
  if (isNew) {
    await cloud.acceptImage(image.id);
    await asFailure(() => proveVisible(cloud, image));
  }
  await warnOfSeveral(world, cloud, image);
  const answer = {
    image: image.id,
    name: image.name,
    bundle: bundleOf(image),
    owner_id: image.ownerId,
    accepted: isNew,
  };
  terminal.print(json ? JSON.stringify(answer) : acceptedText(image, isNew));
}

/** @throws HailstackError (3) when several are meant */
function offerOf(wanted: Wanted, from: string | undefined, offers: readonly Image[]): Image | undefined {
  const meant = offers.filter((image) => isMeant(image, wanted, from));
  if (meant.length > 1) throw ambiguous("what is offered", meant);
  return meant[0];
}

function isMeant(image: Image, wanted: Wanted, from: string | undefined): boolean {
  if (from !== undefined && image.ownerId !== from) return false;
  return "id" in wanted ? image.id === wanted.id : bundleOf(image) === wanted.bundle;
}

/** An image of another project that is no offer: accepted or rejected before, or everybody's. */
async function usable(cloud: Cloud, wanted: Wanted, from: string | undefined): Promise<Image | undefined> {
  const seen = await cloud.builtImages();
  return seen.find((image) => image.ownerId !== cloud.identity.projectId && isMeant(image, wanted, from));
}

/** What this project has said to it; undefined when it was never asked. */
async function statusOf(cloud: Cloud, { id, visibility }: Image): Promise<ImageMember["status"] | undefined> {
  if (visibility !== "shared") return "accepted";
  return (await cloud.imageMembers(id)).find(({ projectId }) => projectId === cloud.identity.projectId)?.status;
}

/** @throws HailstackError (1) when the cloud said yes and yet does not show it */
async function proveVisible(cloud: Cloud, image: Image): Promise<void> {
  const [status, seen] = [await statusOf(cloud, image), await cloud.image(image.id)];
  if (status === "accepted" && seen !== undefined) return;
  const message = `image ${image.id} was accepted, and yet the cloud does not show it as usable (${status ?? "not shared any more"})`;
  const fix = "ask its project whether it still shares it, then run the same command again";
  throw failure(Exit.failed, "image-not-visible", message, fix);
}

/** `create` would refuse to choose. */
async function warnOfSeveral({ terminal }: World, cloud: Cloud, { name }: Image): Promise<void> {
  const active = (await cloud.images(name)).filter(({ status }) => status === "active");
  if (active.length < 2) return;
  const message = `${active.length} active images are called '${name}' now: ${active.map(({ id }) => id).join(", ")}`;
  const fix = "create will not choose between them: rename or delete all but one";
  terminal.report({ event: "warning", slug: "image-ambiguous", message, fix, where: name });
}

function notOffered(
  { identity }: Cloud,
  wanted: Wanted,
  from: string | undefined,
  offers: readonly Image[],
): HailstackError {
  const shown = "id" in wanted ? `image ${wanted.id}` : `an image of bundle '${wanted.bundle}'`;
  const others = offers.map((image) => `${bundleOf(image)} (${image.id})`).join(", ") || "nothing";
  const whom = from === undefined ? "no project offers" : `project ${from} does not offer`;
  const message = `${whom} ${shown} to project ${identity.project}; on offer is: ${others}`;
  const image = "id" in wanted ? wanted.id : imageName(wanted.bundle);
  const fix = `ask the project that has it to run: hailstack image share --with ${identity.projectId} ${image}`;
  return failure(Exit.preflight, "image-not-offered", message, fix);
}

function offersText({ terminal, now }: World, offers: readonly Image[]): string {
  const cells = offers
    .toSorted((a, b) => (bundleOf(a) < bundleOf(b) ? -1 : 1))
    .map((image) => [
      bundleOf(image),
      image.id,
      image.ownerId,
      sizeText(image.sizeBytes),
      ageText(builtAt(image), now()),
    ]);
  return `On offer:\n${terminal.table(cells, ["BUNDLE", "ID", "FROM", "SIZE", "AGE"])}\n`;
}

const acceptedText = ({ id, name, ownerId }: Image, isNew: boolean): string =>
  isNew
    ? `Accepted ${name} (${id}) of project ${ownerId}; create can use it now.`
    : `Nothing to do: ${name} (${id}) of project ${ownerId} can be used already.`;
