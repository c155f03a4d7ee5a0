/** Images of bundles: what one holds, who uses it, and which nobody needs any more. Pure. */
import type { Image, ImageMember, Server } from "../world.ts";
import { buildNamed } from "./builds.ts";
import { imageName } from "./plan.ts";
import { ofKind, type ClusterState } from "./state.ts";

/** Property of a published image: its own id. */
export const ownId = "hailstack_image_id";

/** Nova hands an image's properties on to the snapshots of its servers, which are their users' own. */
export const isSnapshot = ({ id, properties }: Image): boolean => (properties[ownId] ?? id) !== id;
export const isBuilt = (image: Image): boolean => image.properties["hailstack_kind"] === "image" && !isSnapshot(image);
export const isSuperseded = ({ properties }: Image): boolean => properties["hailstack_superseded"] === "true";

/** What is in it by its own word, else by its name; empty when neither tells. */
export function bundleOf({ name, properties }: Image): string {
  const told = properties["hailstack_bundle"];
  if (told !== undefined) return told;
  return buildNamed(name) === undefined && name.startsWith(imageName("")) ? name.slice(imageName("").length) : "";
}

/** ISO 8601. */
export const builtAt = ({ properties, createdAt }: Image): string => properties["hailstack_built_at"] ?? createdAt;

/** Names of the clusters by the id of the image that their servers were made from. */
export type ImageUses = ReadonlyMap<string, readonly string[]>;

/** Clusters of any project count: an image may be shared. */
export function usesOf(states: readonly (readonly [string, ClusterState])[]): ImageUses {
  const uses = new Map<string, string[]>();
  for (const [cluster, state] of states) {
    for (const id of new Set(ofKind(state, "Instance").map(({ inputs }) => inputs["imageId"]))) {
      if (typeof id === "string") uses.set(id, [...(uses.get(id) ?? []), cluster]);
    }
  }
  return uses;
}

export type ImageRow = {
  bundle: string;
  id: string;
  name: string;
  /** `superseded`: a newer one has taken its name; `half-built`: its build is under way, or was cut off. */
  state: "usable" | "offered" | "superseded" | "half-built" | "not active";
  /** Glance's word. */
  status: string;
  size_bytes: number | null;
  /** ISO 8601. */
  built_at: string;
  /** Of the scripts that made it: sha256, in hexadecimal; empty when it does not tell. */
  digest: string;
  visibility: Image["visibility"];
  owner_id: string;
  own: boolean;
  used_by: readonly string[];
};

/** Each image once, by bundle, the newest first. */
export function imageRows(
  images: readonly Image[],
  offered: readonly Image[],
  uses: ImageUses,
  projectId: string,
): ImageRow[] {
  const offers = new Set(offered.map(({ id }) => id));
  const rows = [...new Map(images.map((image) => [image.id, image])).values()].map((image): ImageRow => {
    const { id, name, status, properties, visibility, ownerId, sizeBytes } = image;
    return {
      bundle: bundleOf(image),
      id,
      name,
      state: stateOf(image, offers.has(id)),
      status,
      size_bytes: sizeBytes ?? null,
      built_at: builtAt(image),
      digest: properties["hailstack_scripts_digest"] ?? "",
      visibility,
      owner_id: ownerId,
      own: ownerId === projectId,
      used_by: uses.get(id) ?? [],
    };
  });
  return rows.toSorted((a, b) =>
    a.bundle === b.bundle ? later(a.built_at, b.built_at) : a.bundle < b.bundle ? -1 : 1,
  );
}

const later = (a: string, b: string): number => (a < b ? 1 : a > b ? -1 : 0);

function stateOf(image: Image, isOffered: boolean): ImageRow["state"] {
  if (buildNamed(image.name) !== undefined) return "half-built";
  if (image.status !== "active") return "not active";
  if (isOffered) return "offered";
  return isSuperseded(image) ? "superseded" : "usable";
}

export type SupersededFate = { image: Image; keep?: string };

/**
 * The project's own superseded images, each with the reason to keep it, if there is one. `unread` are clusters whose
 * state could not be read, `keepNewest` how many of each bundle stay in any case.
 */
export function judgeSuperseded(
  images: readonly Image[],
  facts: {
    project_id: string;
    servers: readonly Server[];
    uses: ImageUses;
    unread: readonly string[];
    members: ReadonlyMap<string, readonly ImageMember[]>;
  },
  keepNewest: number,
): SupersededFate[] {
  const candidates = supersededOf(images, facts.project_id);
  const seen = new Map<string, number>();
  return candidates.map((image) => {
    const rank = (seen.get(bundleOf(image)) ?? 0) + 1;
    seen.set(bundleOf(image), rank);
    const keep = reasonToKeep(image, facts) ?? (rank <= keepNewest ? `one of the ${keepNewest} newest` : undefined);
    return keep === undefined ? { image } : { image, keep };
  });
}

/** The newest first. */
export const supersededOf = (images: readonly Image[], projectId: string): Image[] =>
  images
    .filter((image) => image.ownerId === projectId && isBuilt(image) && isSuperseded(image))
    .toSorted((a, b) => later(a.createdAt, b.createdAt));

function reasonToKeep(
  { id, visibility }: Image,
  { servers, uses, unread, members }: Omit<Parameters<typeof judgeSuperseded>[1], "project_id">,
): string | undefined {
  const clusters = uses.get(id) ?? [];
  if (clusters.length > 0) return `used by ${clusters.join(", ")}`;
  const server = servers.find(({ imageId }) => imageId === id);
  if (server) return `server ${server.name} was made from it`;
  // Other projects' servers are not to be seen from here.
  if (visibility === "community" || visibility === "public") return `it is ${visibility}: other projects may use it`;
  const takers = (members.get(id) ?? []).filter(({ status }) => status === "accepted");
  if (takers.length > 0) return `accepted by project ${takers.map(({ projectId }) => projectId).join(", ")}`;
  return unread.length > 0 ? `the state of ${unread.join(", ")} cannot be read, and may use it` : undefined;
}
