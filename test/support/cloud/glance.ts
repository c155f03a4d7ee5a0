/** Glance, the image service, as far as it is read: https://docs.openstack.org/api-ref/image/v2/ */
import { createHash } from "node:crypto";
import { type Call, param } from "./core/call.ts";
import { isoSeconds } from "./core/clock.ts";
import { type Answer, glanceError } from "./core/errors.ts";
import type { Fields } from "./core/json.ts";
import { type Route, routesOf } from "./core/router.ts";
import type { Image } from "./state.ts";

const on = routesOf("image");

export const glance: readonly Route[] = [
  on("GET /", "versions", listVersions, { open: true }),
  on("GET /v2/images", "images.list", listImages, {
    query: [
      "name",
      "status",
      "visibility",
      "member_status",
      "owner",
      "sort",
      "sort_key",
      "sort_dir",
      "limit",
      "marker",
    ],
  }),
  on("GET /v2/images/{id}", "images.show", showImage),
];

function listVersions(call: Call): Answer {
  const links = [{ rel: "self", href: `${call.root("image")}/v2/` }];
  const minors = [15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
  const versions = minors.map((minor) => ({
    id: `v2.${minor}`,
    status: minor === 15 ? "CURRENT" : "SUPPORTED",
    links,
  }));
  return { status: 300, body: { versions } };
}

const defaultPage = 25;
const longestPage = 1000;

function listImages(call: Call): Answer {
  const { query } = call;
  const asked = query.get("limit");
  if (asked !== null && !/^\d+$/.test(asked)) throw glanceError(400, "limit param must be an integer");
  const limit = Math.min(asked === null ? defaultPage : Number(asked), longestPage);
  const matching = sorted(
    [...call.core.state.images.values()].filter((image) => isWanted(image, query)),
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

function isWanted(image: Image, query: URLSearchParams): boolean {
  /** `name=in:"a","b"` asks for several; quotes let a name hold a comma. */
  const namesOf = (asked: string | null): string[] =>
    asked === null ? [image.name] : asked.startsWith("in:") ? asked.slice(3).split(",").map(unquoted) : [asked];
  const is = (key: string, value: string) => !query.has(key) || query.get(key) === value;
  const visibility = query.get("visibility");
  return (
    namesOf(query.get("name")).includes(image.name) &&
    is("status", image.status) &&
    (visibility === null || visibility === "public" || visibility === "all")
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

function showImage(call: Call): Answer {
  const image = call.core.state.images.get(param(call, "id"));
  if (image === undefined) throw glanceError(404, `No image found with ID ${param(call, "id")}`);
  return { status: 200, body: imageView(image) };
}

function imageView(image: Image): Fields {
  const created = isoSeconds(image.createdAt);
  return {
    ...image.properties,
    name: image.name,
    disk_format: "qcow2",
    container_format: "bare",
    visibility: "public",
    size: image.sizeBytes,
    virtual_size: null,
    status: image.status,
    checksum: createHash("md5").update(image.id).digest("hex"),
    protected: false,
    min_ram: image.minRamMib,
    min_disk: image.minDiskGib,
    owner: "4f893e7814d24e5086f982a3e0709929",
    os_hidden: false,
    os_hash_algo: "sha512",
    os_hash_value: createHash("sha512").update(image.id).digest("hex"),
    id: image.id,
    created_at: created,
    updated_at: created,
    tags: [],
    self: `/v2/images/${image.id}`,
    file: `/v2/images/${image.id}/file`,
    schema: "/v2/schemas/image",
    stores: "fs",
  };
}
