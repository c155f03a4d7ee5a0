/** Room in the project, counted for what a create adds, not for what is there already. */
import type { Problem } from "../errors.ts";
import { quotaKinds, type Quota, type QuotaKind } from "../world.ts";
import type { CloudFacts } from "./facts.ts";
import { workersOf, type ClusterPlan } from "./plan.ts";
import { ofKind, type ClusterState } from "./state.ts";

export type QuotaUse = {
  kind: QuotaKind;
  /** What this run adds. */
  need: number;
  /** What the project has in use now. */
  used: number;
  /** null: no limit. */
  limit: number | null;
};

export function quotaProblems(
  plan: ClusterPlan,
  facts: CloudFacts,
  state: ClusterState | undefined,
): { problems: Problem[]; warnings: Problem[]; use: QuotaUse[] } {
  const needs = quotaNeeds(plan, facts, state);
  const use: QuotaUse[] = [];
  const problems: Problem[] = [];
  const unknown: string[] = [];
  for (const kind of quotaKinds) {
    const need = needs[kind];
    const quota = quotaOf(kind, plan, facts, state);
    if (need === 0) continue;
    if (!quota) {
      unknown.push(kind);
      continue;
    }
    use.push({ kind, need, ...quota });
    const have = quota.limit === null ? Infinity : quota.limit - quota.used;
    if (need > have) {
      problems.push({
        slug: "quota",
        message: `${kind}: need ${need}, available ${Math.max(0, have)}, missing ${need - Math.max(0, have)} (quota ${quota.limit}, in use ${quota.used})`,
        where: kind,
        fix: "ask for a larger quota, free some, or make the cluster smaller",
      });
    }
  }
  const warnings = unknown.map((kind) => ({
    slug: "quota-unknown",
    message: `the cloud does not tell how much ${kind} quota is left`,
    where: kind,
    fix: `make sure there is room for ${needs[kind as QuotaKind]} more`,
  }));
  return { problems, warnings, use };
}

/** As the cloud tells it; but Nova counts the members of each group by itself, and this group's are the workers. */
function quotaOf(
  kind: QuotaKind,
  plan: ClusterPlan,
  { quotas }: CloudFacts,
  state: ClusterState | undefined,
): Quota | undefined {
  const quota = quotas[kind];
  if (kind !== "server_group_members" || quota === undefined) return quota;
  const servers = new Set(state ? ofKind(state, "Instance").map(({ name }) => name) : []);
  return { ...quota, used: workersOf(plan).filter(({ name }) => servers.has(name)).length };
}

/** What the plan has and the state has not. */
function quotaNeeds(plan: ClusterPlan, facts: CloudFacts, state: ClusterState | undefined): Record<QuotaKind, number> {
  const recorded = new Set(state?.resources.map(({ name }) => name));
  const missing = (names: readonly string[]) => names.filter((name) => !recorded.has(name)).length;
  const added = plan.nodes.filter(({ name }) => !recorded.has(name));
  const flavourOf = (name: string) => facts.flavours.find((flavour) => flavour.name === name);
  // A flavour that is not there is a problem of its own.
  const sum = (of: (flavour: { vcpus: number; ramMib: number }) => number) =>
    added.reduce((total, { flavour }) => total + of(flavourOf(flavour) ?? { vcpus: 0, ramMib: 0 }), 0);
  const { cluster, volume } = plan;
  const newVolume = volume?.kind === "new" ? volume : undefined;
  const volumeNow = state && ofKind(state, "Volume")[0];
  const sizeNow = Number(volumeNow?.inputs.size ?? 0);
  const groups = missing([`${cluster}-master-sg`, `${cluster}-worker-sg`]);
  return {
    instances: added.length,
    cores: sum(({ vcpus }) => vcpus),
    ram_mib: sum(({ ramMib }) => ramMib),
    server_groups: plan.spread ? missing([`${cluster}-workers`]) : 0,
    server_group_members: plan.spread ? missing(workersOf(plan).map(({ name }) => name)) : 0,
    keypairs: missing([`${cluster}-keypair`]),
    ports: missing(plan.nodes.flatMap(({ ports }) => ports.map(({ name }) => name))),
    security_groups: groups,
    // Neutron gives every new group two egress rules of its own.
    security_group_rules: missing(plan.rules.map(({ name }) => name)) + 2 * groups,
    floating_ips: plan.floating_ip.kind === "new" ? missing([`${cluster}-fip`]) : 0,
    volumes: newVolume && !volumeNow ? 1 : 0,
    gigabytes: newVolume ? Math.max(0, newVolume.size_gb - sizeNow) : 0,
  };
}
