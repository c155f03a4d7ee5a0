/** Who sees an image, and how it looks to them. */
import { createHash } from "node:crypto";
import { type Call, param, projectOf } from "../core/call.ts";
import { isoSeconds } from "../core/clock.ts";
import { glanceError } from "../core/errors.ts";
import type { Fields } from "../core/json.ts";
import type { Image } from "../state.ts";

/** @throws Refusal (404), also for an image that the project may not know of */
export function foundImage(call: Call, message = (id: string) => `No image found with ID ${id}`): Image {
  const id = param(call, "id");
  const image = call.core.state.images.get(id);
  if (image === undefined || !isSeenBy(image, projectOf(call))) throw glanceError(404, message(id));
  return image;
}

function isSeenBy(image: Image, projectId: string): boolean {
  if (image.ownerId === projectId || image.visibility === "public" || image.visibility === "community") return true;
  return image.visibility === "shared" && image.members.has(projectId);
}

/** @throws Refusal (403) */
export function refuseForeign(call: Call, image: Image): void {
  if (image.ownerId !== projectOf(call)) throw glanceError(403, "You do not own this image");
}

export function imageView(image: Image): Fields {
  const { id, sizeBytes } = image;
  const filled = sizeBytes !== null;
  return {
    ...image.properties,
    name: image.name,
    disk_format: image.diskFormat,
    container_format: "bare",
    visibility: image.visibility,
    size: sizeBytes,
    // Only of a raw image is it known without looking into it.
    virtual_size: image.diskFormat === "raw" ? sizeBytes : null,
    status: image.status,
    checksum: filled ? createHash("md5").update(id).digest("hex") : null,
    protected: image.protected,
    min_ram: image.minRamMib,
    min_disk: image.minDiskGib,
    owner: image.ownerId,
    os_hidden: false,
    os_hash_algo: filled ? "sha512" : null,
    os_hash_value: filled ? createHash("sha512").update(id).digest("hex") : null,
    id,
    created_at: isoSeconds(image.createdAt),
    updated_at: isoSeconds(image.updatedAt),
    tags: [],
    self: `/v2/images/${id}`,
    file: `/v2/images/${id}/file`,
    schema: "/v2/schemas/image",
    ...(filled ? { stores: "fs" } : {}),
  };
}
