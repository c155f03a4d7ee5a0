/** Cinder, the block storage service: https://docs.openstack.org/api-ref/block-storage/v3/ */
import { type Call, param, projectOf } from "../core/call.ts";
import { type Answer, cinderError } from "../core/errors.ts";
import type { Fields } from "../core/json.ts";
import { type Handler, type Route, routesOf } from "../core/router.ts";
import { createVolume } from "./volume-create.ts";
import { actOnVolume } from "./volume-extend.ts";
import { volumeType, zone } from "./volume-view.ts";
import { deleteVolume, listVolumes, listVolumesInDetail, showVolume, updateVolume } from "./volumes.ts";

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
  on("POST /v3/{project}/volumes/{id}/action", "volumes.action", ofOwnProject(actOnVolume)),
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
