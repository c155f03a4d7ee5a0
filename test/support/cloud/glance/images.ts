/** Images one by one: made, filled, looked at, deleted. */
import { type Call, projectOf } from "../core/call.ts";
import { type Answer, glanceError } from "../core/errors.ts";
import { fieldsOf, numberOf, textFieldsOf, textOf } from "../core/json.ts";
import { addImage } from "../contents.ts";
import type { Visibility } from "../state.ts";
import { checkedVisibility, notOfType, refusePublishing } from "./schema.ts";
import { foundImage, imageView, refuseForeign } from "./view.ts";

/** Those of an image's own; whatever else is given is a free property. */
const base = new Set(["name", "disk_format", "container_format", "visibility", "min_disk", "min_ram", "protected"]);

export function createImage(call: Call): Answer {
  const fields = fieldsOf(call.body);
  const properties = Object.fromEntries(Object.entries(fields).filter(([key]) => !base.has(key)));
  const wrong = Object.entries(properties).find(([, value]) => typeof value !== "string");
  if (wrong !== undefined) throw notOfType(wrong[0], wrong[1]);
  const visibility: Visibility = fields.visibility === undefined ? "shared" : checkedVisibility(fields.visibility);
  refusePublishing(visibility);
  const image = addImage(call.core, {
    name: textOf(fields.name) ?? "",
    status: "queued",
    minDiskGib: numberOf(fields.min_disk) ?? 0,
    minRamMib: numberOf(fields.min_ram) ?? 0,
    sizeBytes: null,
    visibility,
    diskFormat: textOf(fields.disk_format) ?? "qcow2",
    properties: textFieldsOf(properties),
    ownerId: projectOf(call),
  });
  const location = `${call.root("image")}/v2/images/${image.id}`;
  return { status: 201, body: imageView(image), headers: { location } };
}

export const showImage = (call: Call): Answer => ({ status: 200, body: imageView(foundImage(call)) });

/** The whole of it comes at once, as text. */
export function uploadImage(call: Call): Answer {
  const image = foundImage(call);
  refuseForeign(call, image);
  if (image.status !== "queued") {
    throw glanceError(409, `Image status transition from ${image.status} to saving is not allowed`);
  }
  image.status = "active";
  image.sizeBytes = Buffer.byteLength(textOf(call.body) ?? "");
  image.updatedAt = call.core.clock.now();
  return empty;
}

export function deleteImage(call: Call): Answer {
  const image = foundImage(call, (id) => `Failed to find image ${id} to delete`);
  refuseForeign(call, image);
  if (image.protected) throw glanceError(403, `Image ${image.id} is protected and cannot be deleted.`);
  call.core.state.images.delete(image.id);
  return empty;
}

/** Glance labels even an empty answer. */
const empty: Answer = { status: 204, headers: { "content-type": "text/html; charset=UTF-8" } };
