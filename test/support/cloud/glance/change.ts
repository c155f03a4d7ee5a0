/** `PATCH /v2/images/{id}`: Glance's own form of JSON Patch, all of it or nothing. */
import type { Call } from "../core/call.ts";
import { type Answer, Refusal, glanceError, webobAnswer } from "../core/errors.ts";
import { type Fields, type Json, fieldsOf, listOf, textOf } from "../core/json.ts";
import type { Image } from "../state.ts";
import { checkedVisibility, notOfType, refusePublishing } from "./schema.ts";
import { foundImage, imageView, refuseForeign } from "./view.ts";

const mediaType = "application/openstack-images-v2.1-json-patch";
const readOnly = new Set(["created_at", "updated_at", "status", "checksum", "size", "virtual_size", "self", "file"]);
const own = new Set(["name", "visibility", "protected", "min_disk", "min_ram"]);

export function changeImage(call: Call): Answer {
  const type = String(call.headers["content-type"]);
  if (type !== mediaType) {
    const message = `The request media type ${type} is not supported by this server.\n<br /><br />\n`;
    throw new Refusal(webobAnswer(415, message));
  }
  const changes = listOf(call.body).map(fieldsOf);
  for (const change of changes) refuseReadOnly(nameIn(change));
  const image = foundImage(call);
  refuseForeign(call, image);
  const changed = { ...image, properties: { ...image.properties } };
  for (const change of changes) apply(changed, change);
  Object.assign(image, changed, { updatedAt: call.core.clock.now() });
  return { status: 200, body: imageView(image) };
}

/** `/name` without its slash. */
const nameIn = ({ path }: Fields): string => (textOf(path) ?? "").slice(1);

function refuseReadOnly(name: string): void {
  if (readOnly.has(name)) throw glanceError(403, `Attribute '${name}' is read-only.`);
}

function apply(image: Image, change: Fields): void {
  const name = nameIn(change);
  const value: Json = change.value ?? null;
  if (name === "owner")
    throw refused(403, "Access was denied to this resource.", "Owner can't be updated by non admin.");
  if (own.has(name)) return setOwn(image, name, value);
  if (change.op !== "add" && image.properties[name] === undefined) {
    const problem = "There was a conflict when trying to complete your request.";
    throw refused(409, problem, `Property ${name} does not exist.`);
  }
  if (change.op === "remove") delete image.properties[name];
  else if (typeof value === "string") image.properties[name] = value;
  else throw notOfType(name, value);
}

function setOwn(image: Image, name: string, value: Json): void {
  if (name === "name" && typeof value === "string") image.name = value;
  if (name === "protected" && typeof value === "boolean") image.protected = value;
  if (name === "min_disk" && typeof value === "number") image.minDiskGib = value;
  if (name === "min_ram" && typeof value === "number") image.minRamMib = value;
  if (name !== "visibility") return;
  const visibility = checkedVisibility(value);
  refusePublishing(visibility);
  image.visibility = visibility;
}

/** A refusal that WebOb has put its own sentence before. */
const refused = (status: number, title: string, reason: string): Refusal =>
  new Refusal(webobAnswer(status, `${title}<br /><br />\n${reason}\n\n`));
