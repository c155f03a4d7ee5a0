/** Nova, the compute service: https://docs.openstack.org/api-ref/compute/ */
import type { Call } from "../core/call.ts";
import type { Answer } from "../core/errors.ts";
import type { Fields } from "../core/json.ts";
import { type Route, routesOf } from "../core/router.ts";
import { attachVolume, detachVolume, listAttachments, showAttachment } from "./attachments.ts";
import { listFlavours, listFlavoursInDetail, showFlavour } from "./flavours.ts";
import { createKeypair, deleteKeypair, listKeypairs, showKeypair } from "./keypairs.ts";
import { addMetadata, deleteMetadata, replaceMetadata, showMetadata } from "./metadata.ts";
import { listZones, showLimits, showQuotaSet, showQuotaSetInDetail } from "./room.ts";
import { actOnServer } from "./server-actions.ts";
import { createServer } from "./server-create.ts";
import { createServerGroup, deleteServerGroup, listServerGroups, showServerGroup } from "./server-groups.ts";
import {
  listInterfaces,
  listServers,
  listServersInDetail,
  listTags,
  removeServerByRequest,
  replaceServerTags,
  serverListQuery,
  showServer,
  updateServer,
} from "./servers.ts";

const on = routesOf("compute");
const pages = ["limit", "marker"];
const servers = { query: serverListQuery, unscoped: true } as const;
const flavours = { query: [...pages, "is_public", "minRam", "minDisk"] };

export const nova: readonly Route[] = [
  on("GET /", "versions", listVersions, { open: true }),
  on("GET /v2.1", "version", showVersion),
  on("GET /v2.1/", "version", showVersion),
  on("GET /v2.1/limits", "limits.show", showLimits),
  on("GET /v2.1/os-quota-sets/{project}", "quotas.show", showQuotaSet),
  on("GET /v2.1/os-quota-sets/{project}/detail", "quotas.details", showQuotaSetInDetail),
  on("GET /v2.1/os-availability-zone", "zones.list", listZones),
  on("GET /v2.1/flavors", "flavors.list", listFlavours, flavours),
  on("GET /v2.1/flavors/detail", "flavors.list", listFlavoursInDetail, flavours),
  on("GET /v2.1/flavors/{id}", "flavors.show", showFlavour),
  on("GET /v2.1/os-keypairs", "keypairs.list", listKeypairs, { query: pages }),
  on("POST /v2.1/os-keypairs", "keypairs.create", createKeypair),
  on("GET /v2.1/os-keypairs/{name}", "keypairs.show", showKeypair),
  on("DELETE /v2.1/os-keypairs/{name}", "keypairs.delete", deleteKeypair),
  on("GET /v2.1/os-server-groups", "server-groups.list", listServerGroups, { query: ["limit", "offset"] }),
  on("POST /v2.1/os-server-groups", "server-groups.create", createServerGroup),
  on("GET /v2.1/os-server-groups/{id}", "server-groups.show", showServerGroup),
  on("DELETE /v2.1/os-server-groups/{id}", "server-groups.delete", deleteServerGroup),
  on("GET /v2.1/servers", "servers.list", listServers, servers),
  on("POST /v2.1/servers", "servers.create", createServer),
  on("GET /v2.1/servers/detail", "servers.list", listServersInDetail, servers),
  on("GET /v2.1/servers/{id}", "servers.show", showServer),
  on("PUT /v2.1/servers/{id}", "servers.update", updateServer),
  on("DELETE /v2.1/servers/{id}", "servers.delete", removeServerByRequest),
  on("POST /v2.1/servers/{id}/action", "servers.action", actOnServer),
  on("GET /v2.1/servers/{id}/metadata", "servers.metadata.show", showMetadata),
  on("POST /v2.1/servers/{id}/metadata", "servers.metadata.add", addMetadata),
  on("PUT /v2.1/servers/{id}/metadata", "servers.metadata.replace", replaceMetadata),
  on("DELETE /v2.1/servers/{id}/metadata/{key}", "servers.metadata.delete", deleteMetadata),
  on("GET /v2.1/servers/{id}/tags", "servers.tags.show", listTags),
  on("PUT /v2.1/servers/{id}/tags", "servers.tags.replace", replaceServerTags),
  on("GET /v2.1/servers/{id}/os-interface", "servers.interfaces.list", listInterfaces),
  on("GET /v2.1/servers/{id}/os-volume_attachments", "attachments.list", listAttachments),
  on("POST /v2.1/servers/{id}/os-volume_attachments", "attachments.create", attachVolume),
  on("GET /v2.1/servers/{id}/os-volume_attachments/{volume}", "attachments.show", showAttachment),
  on("DELETE /v2.1/servers/{id}/os-volume_attachments/{volume}", "attachments.delete", detachVolume),
];

function currentVersion(call: Call): Fields {
  return {
    id: "v2.1",
    status: "CURRENT",
    version: "2.93",
    min_version: "2.1",
    updated: "2013-07-23T11:33:21Z",
    links: [{ rel: "self", href: `${call.root("compute")}/v2.1/` }],
  };
}

function listVersions(call: Call): Answer {
  const old: Fields = {
    id: "v2.0",
    status: "SUPPORTED",
    version: "",
    min_version: "",
    updated: "2011-01-21T11:33:21Z",
    links: [{ rel: "self", href: `${call.root("compute")}/v2/` }],
  };
  return { status: 200, body: { versions: [old, currentVersion(call)] } };
}

function showVersion(call: Call): Answer {
  const version = currentVersion(call);
  version.links = [
    { rel: "self", href: `${call.root("compute")}/v2.1/` },
    { rel: "describedby", type: "text/html", href: "http://docs.openstack.org/" },
  ];
  version["media-types"] = [{ base: "application/json", type: "application/vnd.openstack.compute+json;version=2.1" }];
  return { status: 200, body: { version } };
}
