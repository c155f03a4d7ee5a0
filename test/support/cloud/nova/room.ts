/** How much of Nova's things a project has and may have. */
import { type Call, param, projectOf } from "../core/call.ts";
import { type Answer, novaError } from "../core/errors.ts";
import type { Fields } from "../core/json.ts";
import type { QuotaName } from "../quotas.ts";

export function showLimits(call: Call): Answer {
  const { version } = call;
  const { quotas } = call.core;
  const projectId = projectOf(call);
  const limit = (name: QuotaName) => quotas.limit(projectId, name);
  const used = (name: QuotaName) => quotas.used(projectId, name);
  const absolute: Fields = {
    maxServerMeta: 128,
    maxTotalInstances: limit("instances"),
    maxTotalCores: limit("cores"),
    maxTotalRAMSize: limit("ram"),
    maxTotalKeypairs: limit("key_pairs"),
    maxServerGroups: limit("server_groups"),
    maxServerGroupMembers: limit("server_group_members"),
    totalInstancesUsed: used("instances"),
    totalCoresUsed: used("cores"),
    totalRAMUsed: used("ram"),
    totalServerGroupsUsed: used("server_groups"),
  };
  if (version < 57) Object.assign(absolute, { maxPersonality: 5, maxPersonalitySize: 10_240 });
  if (version < 39) absolute.maxImageMeta = 128;
  // Since 2.36 Nova says nothing of what is Neutron's; before, it says -1.
  if (version < 36) {
    Object.assign(absolute, {
      maxSecurityGroups: -1,
      maxSecurityGroupRules: -1,
      maxTotalFloatingIps: -1,
      totalFloatingIpsUsed: 0,
      totalSecurityGroupsUsed: 0,
    });
  }
  return { status: 200, body: { limits: { rate: [], absolute } } };
}

const ownQuotas: readonly QuotaName[] = [
  "cores",
  "instances",
  "key_pairs",
  "ram",
  "server_group_members",
  "server_groups",
];
const olderQuotas = {
  fixed_ips: -1,
  floating_ips: -1,
  security_group_rules: -1,
  security_groups: -1,
  injected_file_content_bytes: 10_240,
  injected_file_path_bytes: 255,
  injected_files: 5,
};

export function showQuotaSet(call: Call): Answer {
  const projectId = ownProject(call);
  const limits = ownQuotas.map((name) => [name, call.core.quotas.limit(projectId, name)]);
  const older = call.version < 36 ? olderQuotas : {};
  return {
    status: 200,
    body: { quota_set: { id: projectId, metadata_items: 128, ...older, ...Object.fromEntries(limits) } },
  };
}

/** Keypairs and group members are counted per user and per group, so the project's own count says 0. */
export function showQuotaSetInDetail(call: Call): Answer {
  const projectId = ownProject(call);
  const { quotas } = call.core;
  const details = ownQuotas.map((name) => [
    name,
    { limit: quotas.limit(projectId, name), in_use: quotas.used(projectId, name), reserved: 0 },
  ]);
  const metadata = { limit: 128, in_use: 0, reserved: 0 };
  return {
    status: 200,
    body: { quota_set: { id: projectId, metadata_items: metadata, ...Object.fromEntries(details) } },
  };
}

function ownProject(call: Call): string {
  if (param(call, "project") === projectOf(call)) return projectOf(call);
  throw novaError(403, "Policy doesn't allow os_compute_api:os-quota-sets:show to be performed.");
}

export function listZones(): Answer {
  const zones = [{ zoneName: "nova", zoneState: { available: true }, hosts: null }];
  return { status: 200, body: { availabilityZoneInfo: zones } };
}
