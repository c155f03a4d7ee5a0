/** `POST /v3/{project}/volumes`. */
import { type Call, projectOf, userOf } from "../core/call.ts";
import { type Answer, cinderError } from "../core/errors.ts";
import { textFieldsOf, textOf } from "../core/json.ts";
import type { Schema } from "../core/schema.ts";
import type { Core } from "../core.ts";
import { checkedBody, metadataSchema } from "../nova/body.ts";
import type { Volume } from "../state.ts";
import { volumeType, volumeView, zone } from "./volume-view.ts";

export const text: Schema = { type: ["string", "null"], maxLength: 255 };

const createSchema: Schema = {
  type: "object",
  properties: {
    name: text,
    description: text,
    size: { type: ["integer", "string"], minimum: 1 },
    volume_type: text,
    availability_zone: text,
    metadata: metadataSchema,
  },
};

export function createVolume(call: Call): Answer {
  const { core } = call;
  const fields = checkedBody(call, "volume", createSchema, { refuse: cinderError });
  // Cinder lets unknown properties pass; a client of ours sends none.
  const unknown = Object.keys(fields).filter((key) => !(key in (createSchema.properties ?? {})));
  if (unknown.length > 0) call.surprise(`unknown properties of a volume: ${unknown.join(", ")}`);
  const type = textOf(fields.volume_type);
  if (type !== undefined && type !== volumeType && type !== core.volumeTypeId) {
    throw cinderError(404, `Volume type with name ${type} could not be found.`);
  }
  if (fields.size === undefined) {
    throw cinderError(
      400,
      "The server could not comply with the request since it is either malformed or otherwise incorrect.",
    );
  }
  const wantedZone = textOf(fields.availability_zone);
  if (wantedZone !== undefined && wantedZone !== zone) {
    throw cinderError(400, `Availability zone '${wantedZone}' is invalid.`);
  }
  const sizeGib = Number(fields.size);
  checkQuotas(core, projectOf(call), sizeGib);
  const volume = addVolume(core, {
    name: textOf(fields.name) ?? null,
    description: textOf(fields.description) ?? null,
    sizeGib,
    metadata: textFieldsOf(fields.metadata),
    userId: userOf(call),
    projectId: projectOf(call),
  });
  const created = volumeView(call, volume);
  core.clock.after(core.delays.volume, () => {
    if (volume.status === "creating") volume.status = "available";
    volume.updatedAt = core.clock.now();
  });
  return { status: 202, body: { volume: created } };
}

function checkQuotas(core: Core, projectId: string, sizeGib: number): void {
  checkQuotaForGib(core, projectId, sizeGib);
  const { quotas } = core;
  if (quotas.exceeded(projectId, "volumes", 1)) {
    const limit = quotas.limit(projectId, "volumes");
    const message = `VolumeLimitExceeded: Maximum number of volumes allowed (${limit}) exceeded for quota 'volumes'.`;
    throw cinderError(413, message);
  }
}

/** @throws Refusal (413) */
export function checkQuotaForGib({ quotas }: Core, projectId: string, sizeGib: number): void {
  if (quotas.exceeded(projectId, "gigabytes", sizeGib)) {
    const limit = quotas.limit(projectId, "gigabytes");
    const used = quotas.used(projectId, "gigabytes");
    const message = `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested ${sizeGib}G, quota is ${limit}G and ${used}G has been consumed.`;
    throw cinderError(413, message);
  }
}

type Given = Pick<Volume, "name" | "description" | "sizeGib" | "metadata" | "userId" | "projectId">;

/** A volume that is being created. */
export function addVolume(core: Core, given: Given): Volume {
  const volume: Volume = {
    id: core.seed.uuid("volume", given.name ?? ""),
    ...given,
    status: "creating",
    createdAt: core.clock.now(),
    updatedAt: null,
    attachment: null,
  };
  core.state.volumes.set(volume.id, volume);
  return volume;
}
