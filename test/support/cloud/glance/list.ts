/** `GET /v2/images`: by what it is asked for, a page at a time. */
import { type Call, projectOf } from "../core/call.ts";
import { type Answer, glanceError } from "../core/errors.ts";
import type { Fields } from "../core/json.ts";
import { type Image, memberStatuses } from "../state.ts";
import { imageView } from "./view.ts";

const sorting = ["sort", "sort_key", "sort_dir"];
const known = new Set(["name", "status", "visibility", "member_status", "owner", "limit", "marker", ...sorting]);
/** Glance takes any other key for a property's; of those only ours are asked for. */
const isProperty = (key: string): boolean => key.startsWith("hailstack_");

const defaultPage = 25;
const longestPage = 1000;

export function listImages(call: Call): Answer {
  const { query } = call;
  const unknown = [...query.keys()].filter((key) => !known.has(key) && !isProperty(key));
  if (unknown.length > 0) call.surprise(`unknown filters: ${unknown.join(", ")}`);
  const memberStatus = query.get("member_status") ?? "accepted";
  if (![...memberStatuses, "all"].includes(memberStatus)) throw glanceError(400, `Invalid status: ${memberStatus}`);
  const asked = query.get("limit");
  if (asked !== null && !/^\d+$/.test(asked)) throw glanceError(400, "limit param must be an integer");
  const limit = Math.min(asked === null ? defaultPage : Number(asked), longestPage);
  const matching = sorted(
    [...call.core.state.images.values()].filter(
      (image) => isListed(image, projectOf(call), memberStatus, query.get("visibility")) && isWanted(image, query),
    ),
    query,
  );
  const marker = query.get("marker");
  const start = marker === null ? 0 : matching.findIndex(({ id }) => id === marker) + 1;
  if (marker !== null && start === 0) throw glanceError(404, `No image found with ID ${marker}`);
  const page = matching.slice(start, start + limit);
  const body: Fields = { images: page.map(imageView), first: linkTo(query), schema: "/v2/schemas/images" };
  const last = page.at(-1);
  if (last !== undefined && page.length === limit) body.next = linkTo(query, last.id);
  return { status: 200, body };
}

/** Another's community images are in a list only when it is of such. */
function isListed(image: Image, projectId: string, memberStatus: string, visibility: string | null): boolean {
  const member = image.visibility === "shared" ? image.members.get(projectId) : undefined;
  const taken = member !== undefined && (memberStatus === "all" || member.status === memberStatus);
  const own = image.ownerId === projectId;
  if (!own && !taken && image.visibility !== "public" && image.visibility !== "community") return false;
  if (visibility === null) return own || image.visibility !== "community";
  return visibility === "all" || image.visibility === visibility;
}

function isWanted(image: Image, query: URLSearchParams): boolean {
  /** `name=in:"a","b"` asks for several; quotes let a name hold a comma. */
  const namesOf = (asked: string | null): string[] =>
    asked === null ? [image.name] : asked.startsWith("in:") ? asked.slice(3).split(",").map(unquoted) : [asked];
  const is = (key: string, value: string) => !query.has(key) || query.get(key) === value;
  return (
    namesOf(query.get("name")).includes(image.name) &&
    is("status", image.status) &&
    is("owner", image.ownerId) &&
    [...query.keys()].filter(isProperty).every((key) => image.properties[key] === query.get(key))
  );
}

const unquoted = (text: string): string => /^"(.*)"$/.exec(text)?.[1] ?? text;

/** Newest first unless `sort=created_at:asc`. */
function sorted(images: Image[], query: URLSearchParams): Image[] {
  const ascending = (query.get("sort") ?? query.get("sort_dir") ?? "").endsWith("asc");
  const newestFirst = images.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1));
  return ascending ? newestFirst.reverse() : newestFirst;
}

function linkTo(query: URLSearchParams, marker?: string): string {
  const params = new URLSearchParams(query);
  params.delete("marker");
  if (marker !== undefined) params.set("marker", marker);
  const text = params.toString();
  return text === "" ? "/v2/images" : `/v2/images?${text}`;
}
