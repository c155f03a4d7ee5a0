/** Room in the project, counted for what a create adds, not for what is there already. */
import type { Problem } from "../errors.ts";
import { quotaKinds, type Quota, type QuotaKind } from "../world.ts";
import type { CloudFacts } from "./facts.ts";
import type { Orphan } from "./orphans.ts";
import { workersOf, type ClusterPlan } from "./plan.ts";
import { ofKind, type ClusterState } from "./state.ts";

export type QuotaUse = {
  kind: QuotaKind;
  /** What this run adds. */
  need: number;
  /** What the project has in use now, without what this run removes first. */
  used: number;
  /** null: no limit. */
  limit: number | null;
};

/** `leaving` is removed before anything is made, so what it takes up does not count. */
export function quotaProblems(
  plan: ClusterPlan,
  facts: CloudFacts,
  state: ClusterState | undefined,
  leaving: readonly Orphan[] = [],
): { problems: Problem[]; warnings: Problem[]; use: QuotaUse[] } {
  const needs = quotaNeeds(plan, facts, state);
  const freed = quotaFreed(leaving, facts);
  const told = (kind: QuotaKind): Quota | undefined => {
    const quota = quotaOf(kind, plan, facts, state);
    return quota && { ...quota, used: Math.max(0, quota.used - freed[kind]) };
  };
  return judgeQuotas(needs, told, "make the cluster smaller");
}

/** Holds what a run adds of each kind against what the cloud tells; `smaller` is the user's own way out. */
export function judgeQuotas(
  needs: Partial<Record<QuotaKind, number>>,
  told: (kind: QuotaKind) => Quota | undefined,
  smaller: string,
): { problems: Problem[]; warnings: Problem[]; use: QuotaUse[] } {
  const use: QuotaUse[] = [];
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const kind of quotaKinds) {
    const need = needs[kind] ?? 0;
    if (need === 0) continue;
    const quota = told(kind);
    if (!quota) {
      warnings.push(unknownQuota(kind, need));
      continue;
    }
    use.push({ kind, need, ...quota });
    const have = quota.limit === null ? Infinity : quota.limit - quota.used;
    if (need > have) {
      problems.push({
        slug: "quota",
        message: `${kind}: need ${need}, available ${Math.max(0, have)}, missing ${need - Math.max(0, have)} (quota ${quota.limit}, in use ${quota.used})`,
        where: kind,
        fix: `ask for a larger quota, free some, or ${smaller}`,
      });
    }
  }
  return { problems, warnings, use };
}

const unknownQuota = (kind: QuotaKind, need: number): Problem => ({
  slug: "quota-unknown",
  message: `the cloud does not tell how much ${kind} quota is left`,
  where: kind,
  fix: `make sure there is room for ${need} more`,
});

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

/** What the project has again once these are gone. */
function quotaFreed(leaving: readonly Orphan[], facts: CloudFacts): Record<QuotaKind, number> {
  const count = (kind: Orphan["kind"]) => leaving.filter((orphan) => orphan.kind === kind).length;
  const leaves = new Set(leaving.map(({ id }) => id));
  const flavours = facts.servers
    .filter(({ id }) => leaves.has(id))
    .map(({ flavour }) => facts.flavours.find(({ name }) => name === flavour));
  const groups = facts.securityGroups.filter(({ id }) => leaves.has(id));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    instances: count("server"),
    cores: sum(flavours.map((flavour) => flavour?.vcpus ?? 0)),
    ram_mib: sum(flavours.map((flavour) => flavour?.ramMib ?? 0)),
    server_groups: count("server group"),
    server_group_members: 0,
    keypairs: count("keypair"),
    ports: count("port"),
    security_groups: groups.length,
    security_group_rules: count("security group rule") + sum(groups.map(({ rules }) => rules.length)),
    floating_ips: count("floating IP"),
    volumes: count("volume"),
    gigabytes: sum(facts.volumes.filter(({ id }) => leaves.has(id)).map(({ sizeGib }) => sizeGib)),
  };
}
