/** Which image a command is about: an id, a bundle, or else the config's bundle. */
import { imageName } from "../cluster/plan.ts";
import { Exit, failure, type HailstackError } from "../errors.ts";
import type { Cloud, Image, World } from "../world.ts";
import type { Loaded } from "../config/load.ts";
import { uuid } from "../config/rules.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";

export type Wanted = { id: string } | { bundle: string };

const isId = (word: string): boolean => uuid.fault(word.toLowerCase()) === undefined;

/** Reads the config; which bundle it means matters only when the command line names no image. @throws HailstackError (2) */
export async function openWanted(
  world: World,
  options: ConfigOptions,
  word: string | undefined,
): Promise<{ loaded: Loaded; wanted: Wanted }> {
  const loaded = await openConfig(world, options, word === undefined ? ["bundle"] : []);
  if (word === undefined) return { loaded, wanted: { bundle: loaded.config.cluster.bundle } };
  const prefix = imageName("");
  return {
    loaded,
    wanted: isId(word) ? { id: word } : { bundle: word.startsWith(prefix) ? word.slice(prefix.length) : word },
  };
}

/** The project's one image of that id or bundle that can be booted from. @throws HailstackError (3) */
export async function ownImage(cloud: Cloud, wanted: Wanted): Promise<Image> {
  const { projectId, project } = cloud.identity;
  const seen = await candidates(cloud, wanted);
  const own = seen.filter(({ ownerId }) => ownerId === projectId);
  const active = own.filter(({ status }) => status === "active");
  const [image, another] = active;
  if (image && !another) return image;
  const shown = "id" in wanted ? `image ${wanted.id}` : `image '${imageName(wanted.bundle)}'`;
  if (image) throw ambiguous(shown, active);
  const [notActive] = own;
  if (notActive) {
    const message = `${shown} is ${notActive.status}, not active (${notActive.id})`;
    throw failure(Exit.preflight, "image-not-active", message, "wait until it is active, or build it anew");
  }
  const [foreign] = seen;
  if (foreign) {
    const message = `${shown} belongs to project ${foreign.ownerId}, not to ${project} (${projectId})`;
    throw failure(Exit.preflight, "image-not-owned", message, "use that project's credentials: only it may do this");
  }
  const fix = "hailstack image list shows what there is; hailstack build-image makes one";
  throw failure(Exit.preflight, "image-missing", `${shown} not found in project '${project}'`, fix);
}

async function candidates(cloud: Cloud, wanted: Wanted): Promise<Image[]> {
  if ("bundle" in wanted) return cloud.images(imageName(wanted.bundle));
  const image = await cloud.image(wanted.id);
  return image ? [image] : [];
}

/** The error for several where one is needed. */
export function ambiguous(shown: string, images: readonly Image[]): HailstackError {
  const list = images.map(({ id, createdAt, ownerId }) => `${id} of project ${ownerId} (${createdAt})`).join(", ");
  const message = `${shown} is not one but ${images.length}: ${list}`;
  return failure(Exit.preflight, "image-ambiguous", message, "name the one that is meant by its id");
}
