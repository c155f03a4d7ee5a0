/** Cinder, the block storage service: https://docs.openstack.org/api-ref/block-storage/v3/ */
import { type Call, param, projectOf, userOf } from "./core/call.ts";
import { isoMicros } from "./core/clock.ts";
import { type Answer, cinderError } from "./core/errors.ts";
import { type Fields, textFieldsOf, textOf } from "./core/json.ts";
import { type Handler, type Route, routesOf } from "./core/router.ts";
import type { Schema } from "./core/schema.ts";
import type { Core } from "./core.ts";
import { checkedBody, metadataSchema } from "./nova/body.ts";
import { type Volume, ofProject } from "./state.ts";

const on = routesOf("volume");
const listQuery = ["limit", "marker", "sort", "name", "status", "all_tenants"];

export const cinder: readonly Route[] = [
  on("GET /", "versions", listVersions(300), { open: true }),
  on("GET /v3/", "version", listVersions(200), { open: true }),
  on("GET /v3/{project}/limits", "limits.show", ofOwnProject(showLimits)),
  on("GET /v3/{project}/types", "types.list", ofOwnProject(listTypes)),
  on("GET /v3/{project}/os-availability-zone", "zones.list", ofOwnProject(listZones)),
  on("GET /v3/{project}/volumes", "volumes.list", ofOwnProject(listVolumes), { query: listQuery }),
  on("GET /v3/{project}/volumes/detail", "volumes.list", ofOwnProject(listVolumesInDetail), { query: listQuery }),
  on("POST /v3/{project}/volumes", "volumes.create", ofOwnProject(createVolume)),
  on("GET /v3/{project}/volumes/{id}", "volumes.show", ofOwnProject(showVolume)),
  on("PUT /v3/{project}/volumes/{id}", "volumes.update", ofOwnProject(updateVolume)),
  on("DELETE /v3/{project}/volumes/{id}", "volumes.delete", ofOwnProject(deleteVolume)),
];

function ofOwnProject(handler: Handler): Handler {
  return (call) => {
    if (param(call, "project") !== projectOf(call)) throw cinderError(400, "Malformed request url");
    return handler(call);
  };
}

function listVersions(status: number): Handler {
  return (call) => {
    const version: Fields = {
      id: "v3.0",
      status: "CURRENT",
      version: "3.70",
      min_version: "3.0",
      updated: "2022-08-31T00:00:00Z",
      links: [
        { rel: "describedby", type: "text/html", href: "https://docs.openstack.org/" },
        { rel: "self", href: `${call.root("volume")}/v3/` },
      ],
      "media-types": [{ base: "application/json", type: "application/vnd.openstack.volume+json;version=3" }],
    };
    return { status, body: { versions: [version] } };
  };
}

function showLimits(call: Call): Answer {
  const { quotas } = call.core;
  const projectId = projectOf(call);
  const absolute: Fields = {
    maxTotalVolumes: quotas.limit(projectId, "volumes"),
    maxTotalSnapshots: 10,
    maxTotalVolumeGigabytes: quotas.limit(projectId, "gigabytes"),
    maxTotalBackups: 10,
    maxTotalBackupGigabytes: 1000,
    totalVolumesUsed: quotas.used(projectId, "volumes"),
    totalSnapshotsUsed: 0,
    totalGigabytesUsed: quotas.used(projectId, "gigabytes"),
    totalBackupsUsed: 0,
    totalBackupGigabytesUsed: 0,
  };
  return { status: 200, body: { limits: { rate: [], absolute } } };
}

function listTypes({ core }: Call): Answer {
  const type: Fields = {
    id: core.volumeTypeId,
    name: volumeType,
    is_public: true,
    description: "Default Volume Type",
    extra_specs: {},
    "os-volume-type-access:is_public": true,
  };
  return { status: 200, body: { volume_types: [type] } };
}

function listZones(): Answer {
  return { status: 200, body: { availabilityZoneInfo: [{ zoneName: zone, zoneState: { available: true } }] } };
}

const volumeType = "__DEFAULT__";
const zone = "nova";
const text: Schema = { type: ["string", "null"], maxLength: 255 };

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
const changes: Schema = {
  type: "object",
  properties: { name: text, description: text, metadata: metadataSchema },
  additionalProperties: false,
};

function createVolume(call: Call): Answer {
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

/** @throws Refusal (413) */
function checkQuotas({ quotas }: Core, projectId: string, sizeGib: number): void {
  if (quotas.exceeded(projectId, "gigabytes", sizeGib)) {
    const limit = quotas.limit(projectId, "gigabytes");
    const used = quotas.used(projectId, "gigabytes");
    const message = `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested ${sizeGib}G, quota is ${limit}G and ${used}G has been consumed.`;
    throw cinderError(413, message);
  }
  if (quotas.exceeded(projectId, "volumes", 1)) {
    const limit = quotas.limit(projectId, "volumes");
    const message = `VolumeLimitExceeded: Maximum number of volumes allowed (${limit}) exceeded for quota 'volumes'.`;
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

const briefView = (call: Call, { id, name }: Volume): Fields => ({ id, name, links: linksTo(call, id) });
function listVolumes(call: Call): Answer {
  return listAnswer(call, briefView);
}
function listVolumesInDetail(call: Call): Answer {
  return listAnswer(call, detailView);
}

function listAnswer(call: Call, view: (call: Call, volume: Volume) => Fields): Answer {
  const { query } = call;
  const is = (key: string, value: string | null) => !query.has(key) || query.get(key) === value;
  const wanted = ofProject(call.core.state.volumes, projectOf(call)).filter(
    ({ name, status }) => is("name", name) && is("status", status),
  );
  const sorted =
    query.get("sort") === "name:asc"
      ? wanted.sort((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1))
      : wanted.reverse();
  const start = sorted.findIndex(({ id }) => id === query.get("marker")) + 1;
  const limit = Math.min(Number(query.get("limit") ?? longestPage), longestPage);
  const page = sorted.slice(start, start + limit);
  const body: Fields = { volumes: page.map((volume) => view(call, volume)) };
  const last = page.at(-1);
  if (last !== undefined && page.length === limit)
    body.volumes_links = [{ rel: "next", href: nextPage(call, last.id) }];
  return { status: 200, body };
}

const longestPage = 1000;

function nextPage(call: Call, marker: string): string {
  const params = new URLSearchParams(call.query);
  params.delete("marker");
  params.set("marker", marker);
  return `${call.root("volume")}${call.target.split("?")[0] ?? ""}?${params.toString()}`;
}

function showVolume(call: Call): Answer {
  return { status: 200, body: { volume: detailView(call, found(call)) } };
}

function updateVolume(call: Call): Answer {
  const volume = found(call);
  const fields = checkedBody(call, "volume", changes, { refuse: cinderError });
  volume.name = textOf(fields.name) ?? volume.name;
  volume.description = textOf(fields.description) ?? volume.description;
  if (fields.metadata !== undefined) volume.metadata = textFieldsOf(fields.metadata);
  volume.updatedAt = call.core.clock.now();
  return { status: 200, body: { volume: volumeView(call, volume) } };
}

const undeletable =
  "Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.";

function deleteVolume(call: Call): Answer {
  const { state, clock, delays } = call.core;
  const volume = found(call);
  if (volume.attachment !== null || !["available", "error"].includes(volume.status)) {
    throw cinderError(400, undeletable);
  }
  volume.status = "deleting";
  clock.after(delays.volume, () => state.volumes.delete(volume.id));
  return { status: 202, text: "", headers: { "content-type": "text/html; charset=UTF-8" } };
}

function found(call: Call): Volume {
  const volume = call.core.state.volumes.get(param(call, "id"));
  if (volume?.projectId !== projectOf(call)) {
    throw cinderError(404, `Volume ${param(call, "id")} could not be found.`);
  }
  return volume;
}

function linksTo(call: Call, id: string) {
  const root = call.root("volume");
  const path = `${projectOf(call)}/volumes/${id}`;
  return [
    { rel: "self", href: `${root}/v3/${path}` },
    { rel: "bookmark", href: `${root}/${path}` },
  ];
}

function volumeView(call: Call, volume: Volume): Fields {
  const { attachment } = volume;
  return {
    id: volume.id,
    status: volume.status,
    size: volume.sizeGib,
    availability_zone: zone,
    created_at: isoMicros(volume.createdAt),
    updated_at: volume.updatedAt === null ? null : isoMicros(volume.updatedAt),
    name: volume.name,
    description: volume.description,
    volume_type: volumeType,
    snapshot_id: null,
    source_volid: null,
    metadata: volume.metadata,
    links: linksTo(call, volume.id),
    user_id: volume.userId,
    bootable: "false",
    encrypted: false,
    replication_status: null,
    consistencygroup_id: null,
    multiattach: false,
    attachments:
      attachment === null
        ? []
        : [
            {
              id: volume.id,
              attachment_id: attachment.id,
              volume_id: volume.id,
              server_id: attachment.serverId,
              host_name: null,
              device: attachment.device,
              attached_at: isoMicros(attachment.at),
            },
          ],
  };
}

const detailView = (call: Call, volume: Volume): Fields => ({
  ...volumeView(call, volume),
  "os-vol-tenant-attr:tenant_id": volume.projectId,
});
