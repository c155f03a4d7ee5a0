/** What all Neutron resources share: checking attributes, filtering, choosing fields, sorting and paging. */
import { type Call, param, projectOf } from "../core/call.ts";
import { isoSeconds } from "../core/clock.ts";
import { type Answer, neutronError } from "../core/errors.ts";
import { type Fields, type Json, isFields, pythonRepr, textsOf } from "../core/json.ts";
import type { Core } from "../core.ts";
import type { QuotaName } from "../quotas.ts";
import type { Standard } from "../state.ts";

export type Attributes = {
  /** In the body: `port`. */
  name: string;
  /** May be set by a member. */
  settable: readonly string[];
  required?: readonly string[];
  /** Settable at creation only. */
  fixed?: readonly string[];
};

/** The resource's attributes as they were sent. @throws Refusal for any that may not be */
export function attributesOf(call: Call, { name, settable, required = [], fixed = [] }: Attributes): Fields {
  const creating = call.operation.endsWith(".create");
  const body = isFields(call.body) ? call.body[name] : undefined;
  if (!isFields(body)) throw badRequest("Resource body required");
  const unknown = Object.keys(body).filter((key) => !settable.includes(key) && !fixed.includes(key));
  if (unknown.length > 0) {
    call.surprise(`unknown attributes of ${name}: ${unknown.join(", ")}`);
    throw badRequest(`Unrecognized attribute(s) '${unknown.join(", ")}'`);
  }
  if (!creating) {
    const locked = Object.keys(body).find((key) => fixed.includes(key));
    if (locked !== undefined) throw badRequest(`Cannot update read-only attribute ${locked}`);
    return body;
  }
  const missing = required.find((key) => !(key in body));
  if (missing !== undefined) {
    throw badRequest(`Failed to parse request. Required attribute '${missing}' not specified`);
  }
  return body;
}

export const badRequest = (message: string) => neutronError(400, "HTTPBadRequest", message);

/** @throws Refusal when the project may have no more of them */
export function checkQuota({ quotas }: Core, projectId: string, name: QuotaName): void {
  if (quotas.exceeded(projectId, name, 1)) {
    throw neutronError(409, "OverQuota", `Quota exceeded for resources: ['${name}'].`);
  }
}

/** A new resource's common part; its id follows from `label`. */
export function standard(core: Core, kind: string, label: string, projectId: string): Standard {
  const now = core.clock.now();
  return {
    id: core.seed.uuid(kind, label),
    projectId,
    description: "",
    tags: [],
    createdAt: now,
    updatedAt: now,
    revision: 0,
    number: core.state.nextNumber(),
  };
}

export function standardView(item: Standard): Fields {
  return {
    tenant_id: item.projectId,
    project_id: item.projectId,
    description: item.description,
    created_at: isoSeconds(item.createdAt),
    updated_at: isoSeconds(item.updatedAt),
    revision_number: item.revision,
  };
}

export function touch(core: Core, item: Standard): void {
  item.updatedAt = core.clock.now();
  item.revision += 1;
}

export type Collection<T> = {
  plural: string;
  /** What the caller may see. */
  visible: (call: Call) => T[];
  view: (item: T, call: Call) => Fields;
  /** Filters that are no attributes. */
  filters?: Readonly<Record<string, (item: T, value: string) => boolean>>;
};

const controls = new Set(["fields", "limit", "marker", "page_reverse", "sort_key", "sort_dir"]);
const tagFilters = new Set(["tags", "tags-any"]);

/** `GET /v2.0/<plural>` with Neutron's filters, fields, order and pages. */
export function listAnswer<T extends { id: string }>(call: Call, collection: Collection<T>): Answer {
  const { query } = call;
  const ids = query.getAll("id");
  const visible = collection.visible(call).filter(({ id }) => ids.length === 0 || ids.includes(id));
  const items = filtered(call, collection, visible).map((item) => collection.view(item, call));
  const sorted = inOrder(call, items);
  const limit = Number(query.get("limit") ?? 0);
  const start = sorted.findIndex(({ id }) => id === query.get("marker")) + 1;
  const page = limit > 0 ? sorted.slice(start, start + limit) : sorted;
  const body: Fields = { [collection.plural]: page.map((item) => chosen(item, query.getAll("fields"))) };
  if (limit > 0) body[`${collection.plural}_links`] = pageLinks(call, page, limit);
  return { status: 200, body };
}

function filtered<T>(call: Call, { view, filters = {} }: Collection<T>, items: T[]): T[] {
  const keys = [...new Set(call.query.keys())].filter((key) => !controls.has(key) && key !== "id");
  if (keys.length === 0) return items;
  const sample = items[0] === undefined ? undefined : view(items[0], call);
  const unknown = keys.filter((key) => !(key in filters) && !tagFilters.has(key) && sample && !(key in sample));
  if (unknown.length > 0) {
    call.surprise(`unknown filters: ${unknown.join(", ")}`);
    throw badRequest(`${pythonRepr(unknown)} is invalid attribute for filtering`);
  }
  return items.filter((item) => {
    const fields = view(item, call);
    return keys.every((key) => {
      const values = call.query.getAll(key);
      const own = filters[key];
      if (own !== undefined) return values.some((value) => own(item, value));
      if (tagFilters.has(key)) return hasTags(fields, key, values.join().split(","));
      return values.some((value) => isEqual(fields[key], value));
    });
  });
}

function hasTags(fields: Fields, key: string, wanted: string[]): boolean {
  const tags = textsOf(fields.tags);
  return key === "tags" ? wanted.every((tag) => tags.includes(tag)) : wanted.some((tag) => tags.includes(tag));
}

function isEqual(value: Json | undefined, wanted: string): boolean {
  if (typeof value === "boolean") return String(value) === wanted.toLowerCase();
  return String(value ?? "") === wanted;
}

function inOrder({ query }: Call, items: Fields[]): Fields[] {
  const keys = query.getAll("sort_key");
  const directions = query.getAll("sort_dir");
  if (keys.length !== directions.length) throw badRequest("The number of sort_keys and sort_dirs must be same");
  const sign = directions[0] === "desc" ? -1 : 1;
  const by = keys[0] ?? "id";
  if (keys.length === 0 && !query.has("limit")) return items;
  return items.sort((a, b) => sign * String(a[by]).localeCompare(String(b[by])));
}

const chosen = (item: Fields, names: string[]): Fields =>
  names.length === 0 ? item : Object.fromEntries(Object.entries(item).filter(([key]) => names.includes(key)));

function pageLinks(call: Call, page: Fields[], limit: number): Json[] {
  const link = (rel: string, marker: Json | undefined, reverse: boolean): Fields => {
    const params = new URLSearchParams(call.query);
    params.delete("marker");
    params.delete("page_reverse");
    if (typeof marker === "string") params.set("marker", marker);
    if (reverse) params.set("page_reverse", "True");
    const path = call.target.split("?")[0] ?? "";
    return { rel, href: `${call.root("network")}${path}?${params.toString()}` };
  };
  const next = page.length === limit ? [link("next", page.at(-1)?.id, false)] : [];
  return [...next, link("previous", page[0]?.id, true)];
}

/** `PUT /v2.0/<plural>/{id}/tags`: replaces all tags. */
export const replaceTags =
  (plural: string, find: (call: Call, id: string) => Standard | undefined) =>
  (call: Call): Answer => {
    const item = find(call, param(call, "id"));
    if (item?.projectId !== projectOf(call)) {
      throw neutronError(404, "TagResourceNotFound", `Resource ${plural} ${param(call, "id")} could not be found.`);
    }
    const tags = isFields(call.body) ? call.body.tags : undefined;
    if (!Array.isArray(tags)) {
      const message = `Invalid input for operation: ${pythonRepr(tags ?? null)} is not a list.`;
      throw neutronError(400, "InvalidInput", message);
    }
    item.tags = textsOf(tags).sort();
    touch(call.core, item);
    return { status: 200, body: { tags: item.tags } };
  };
