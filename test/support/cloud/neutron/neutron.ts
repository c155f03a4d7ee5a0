/** Neutron, the network service: https://docs.openstack.org/api-ref/network/v2/ */
import { type Call, param, projectOf } from "../core/call.ts";
import { type Answer, Refusal, webobAnswer } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { type Route, routesOf } from "../core/router.ts";
import type { QuotaName } from "../quotas.ts";
import {
  createFloatingIp,
  deleteFloatingIp,
  listFloatingIps,
  showFloatingIp,
  updateFloatingIp,
} from "./floating-ips.ts";
import { listNetworks, listSubnets, refuseNetworkDeletion, showNetwork, showSubnet } from "./networks.ts";
import { createPort, deletePort, listPorts, refuseDeletionOfAll, showPort, updatePort } from "./ports.ts";
import { replaceTags } from "./resource.ts";
import { createRule, deleteRule, listRules, showRule, updateRule } from "./rules.ts";
import { createGroup, deleteGroup, listGroups, showGroup, updateGroup } from "./security-groups.ts";

const on = routesOf("network");
const any = { query: "*" } as const;

export const neutron: readonly Route[] = [
  on("GET /", "versions", listVersions, { open: true }),
  on("GET /v2.0/", "version", showVersion),
  on("GET /v2.0/extensions/{alias}", "extensions.show", showExtension),
  on("GET /v2.0/networks", "networks.list", listNetworks, any),
  on("GET /v2.0/networks/{id}", "networks.show", showNetwork),
  on("DELETE /v2.0/networks/{id}", "networks.delete", refuseNetworkDeletion),
  on("GET /v2.0/subnets", "subnets.list", listSubnets, any),
  on("GET /v2.0/subnets/{id}", "subnets.show", showSubnet),
  on("GET /v2.0/ports", "ports.list", listPorts, any),
  on("DELETE /v2.0/ports", "ports.delete-all", refuseDeletionOfAll),
  on("POST /v2.0/ports", "ports.create", createPort),
  on("GET /v2.0/ports/{id}", "ports.show", showPort),
  on("PUT /v2.0/ports/{id}", "ports.update", updatePort),
  on("DELETE /v2.0/ports/{id}", "ports.delete", deletePort),
  on(
    "PUT /v2.0/ports/{id}/tags",
    "ports.tag",
    replaceTags("ports", ({ core }, id) => core.state.ports.get(id)),
  ),
  on("GET /v2.0/security-groups", "security-groups.list", listGroups, any),
  on("POST /v2.0/security-groups", "security-groups.create", createGroup),
  on("GET /v2.0/security-groups/{id}", "security-groups.show", showGroup),
  on("PUT /v2.0/security-groups/{id}", "security-groups.update", updateGroup),
  on("DELETE /v2.0/security-groups/{id}", "security-groups.delete", deleteGroup),
  on(
    "PUT /v2.0/security-groups/{id}/tags",
    "security-groups.tag",
    replaceTags("security_groups", ({ core }, id) => core.state.securityGroups.get(id)),
  ),
  on("GET /v2.0/security-group-rules", "security-group-rules.list", listRules, any),
  on("POST /v2.0/security-group-rules", "security-group-rules.create", createRule),
  on("GET /v2.0/security-group-rules/{id}", "security-group-rules.show", showRule),
  on("PUT /v2.0/security-group-rules/{id}", "security-group-rules.update", updateRule),
  on("DELETE /v2.0/security-group-rules/{id}", "security-group-rules.delete", deleteRule),
  on("GET /v2.0/floatingips", "floatingips.list", listFloatingIps, any),
  on("POST /v2.0/floatingips", "floatingips.create", createFloatingIp),
  on("GET /v2.0/floatingips/{id}", "floatingips.show", showFloatingIp),
  on("PUT /v2.0/floatingips/{id}", "floatingips.update", updateFloatingIp),
  on("DELETE /v2.0/floatingips/{id}", "floatingips.delete", deleteFloatingIp),
  on(
    "PUT /v2.0/floatingips/{id}/tags",
    "floatingips.tag",
    replaceTags("floatingips", ({ core }, id) => core.state.floatingIps.get(id)),
  ),
  on("GET /v2.0/quotas/{project}", "quotas.show", showQuota),
  on("GET /v2.0/quotas/{project}/details.json", "quotas.details", showQuotaDetails),
];

function listVersions(call: Call): Answer {
  const links = [{ rel: "self", href: `${call.root("network")}/v2.0/` }];
  return { status: 200, body: { versions: [{ id: "v2.0", status: "CURRENT", links }] } };
}

function showVersion(call: Call): Answer {
  const resources = ["network", "subnet", "subnetpool", "port"].map((name) => ({
    name,
    collection: `${name}s`,
    links: [{ rel: "self", href: `${call.root("network")}/v2.0/${name}s` }],
  }));
  return { status: 200, body: { resources } };
}

/** Those that clients ask for before they use them, with the texts Neutron has for them. */
const extensions: Readonly<Record<string, { description: string; updated: string }>> = {
  "security-group": { description: "The security groups extension.", updated: "2012-10-05T10:00:00-00:00" },
};

function showExtension(call: Call): Answer {
  const alias = param(call, "alias");
  const extension = extensions[alias];
  if (extension === undefined) {
    const message = `The resource could not be found.<br /><br />\nExtension with alias ${alias} does not exist\n\n`;
    throw new Refusal(webobAnswer(404, message));
  }
  return { status: 200, body: { extension: { name: alias, alias, ...extension, links: [] } } };
}

const quotaNames: readonly QuotaName[] = [
  "floatingip",
  "network",
  "port",
  "rbac_policy",
  "router",
  "security_group",
  "security_group_rule",
  "subnet",
  "subnetpool",
];

const quotaAnswer = (valueOf: (name: QuotaName) => Json): Answer => ({
  status: 200,
  body: { quota: Object.fromEntries(quotaNames.map((name) => [name, valueOf(name)])) },
});

function showQuota(call: Call): Answer {
  return quotaAnswer((name) => call.core.quotas.limit(ownProject(call), name));
}

function showQuotaDetails(call: Call): Answer {
  const { quotas } = call.core;
  return quotaAnswer((name) => ({
    limit: quotas.limit(ownProject(call), name),
    used: quotas.used(ownProject(call), name),
    reserved: 0,
  }));
}

function ownProject(call: Call): string {
  if (param(call, "project") !== projectOf(call)) {
    throw new Refusal({
      status: 403,
      body: { NeutronError: { type: "AdminRequired", message: "User does not have admin privileges: ", detail: "" } },
    });
  }
  return projectOf(call);
}
