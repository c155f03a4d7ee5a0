/** What a preview means for a cluster that lives: what may go on, what must be asked, what is refused. Pure. */
import type { Problem } from "../errors.ts";
import type { Change, Operation } from "../world.ts";
import type { CloudFacts } from "./facts.ts";
import type { ClusterState, RecordedResource } from "./state.ts";

/** Without these a cluster loses data or its place: they are never replaced for a change of config. */
const precious = new Map([
  ["Instance", "server"],
  ["Volume", "volume"],
  ["FloatingIp", "floating IP"],
]);

export const kindOf = (type: string): string => type.split(":").at(-1) ?? type;

/** Only the steps that touch something. */
export const effective = (changes: readonly Change[]): Change[] =>
  changes.filter(({ operation }) => operation !== "same" && operation !== "read");

/** Names of servers that would be deleted and not made again, sorted: the engine's order is another one each time. */
export const leavingServers = (changes: readonly Change[]): string[] =>
  changes
    .filter(({ operation, type }) => operation === "delete" && kindOf(type) === "Instance")
    .map(({ name }) => name)
    .toSorted();

export type ChangeCounts = Record<"create" | "update" | "delete" | "replace", number>;
export function countChanges(changes: readonly Change[]): ChangeCounts {
  const count = (wanted: Operation) => changes.filter(({ operation }) => operation === wanted).length;
  return { create: count("create"), update: count("update"), delete: count("delete"), replace: count("replace") };
}

/** `2 to create, 1 to delete`, or `0 changes`. */
export function describeCounts(
  counts: ChangeCounts,
  verbs = { create: "to create", update: "to change", delete: "to delete", replace: "to replace" },
): string {
  const parts = (["create", "update", "replace", "delete"] as const)
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `${counts[kind]} ${verbs[kind]}`);
  return parts.length > 0 ? parts.join(", ") : "0 changes";
}

/** Servers, volumes and addresses that would be replaced; `lost` ones are gone already and may be made again. */
export function replacementProblems(changes: readonly Change[], lost: ReadonlySet<string>): Problem[] {
  return changes
    .filter(({ operation, type, name }) => operation === "replace" && precious.has(kindOf(type)) && !lost.has(name))
    .map(({ name, type, properties }) => ({
      slug: "would-replace",
      message: `${precious.get(kindOf(type))} ${name} would be replaced, and what is on it lost (changed: ${properties.join(", ") || "unknown"})`,
      where: name,
      fix: "put the config back as it was deployed, or destroy the cluster and create it anew",
    }));
}

/** Recorded things that are no longer in the cloud: deleted by hand, or an old state was put back. */
export function missingResources(
  state: ClusterState | undefined,
  facts: Omit<CloudFacts, "quotas">,
): RecordedResource[] {
  const there: Record<string, Set<string>> = {
    Instance: new Set(facts.servers.map(({ id }) => id)),
    Port: new Set(facts.ports.map(({ id }) => id)),
    SecGroup: new Set(facts.securityGroups.map(({ id }) => id)),
    SecGroupRule: new Set(facts.securityGroups.flatMap(({ rules }) => rules.map(({ id }) => id))),
    Volume: new Set(facts.volumes.map(({ id }) => id)),
    FloatingIp: new Set(facts.floatingIps.map(({ id }) => id)),
    ServerGroup: new Set(facts.serverGroups.map(({ id }) => id)),
    Keypair: new Set(facts.keypairs.map(({ name }) => name)),
  };
  return (state?.resources ?? []).filter(({ kind, id }) => there[kind]?.has(id) === false);
}

/** Recorded links that somebody has undone: an address taken off its port, a volume off its server. */
export function undoneLinks(state: ClusterState | undefined, facts: Omit<CloudFacts, "quotas">): RecordedResource[] {
  return (state?.resources ?? []).filter(({ kind, id, inputs }) => {
    if (kind === "VolumeAttach") {
      const [serverId, volumeId = ""] = id.split("/");
      return facts.servers.some((server) => server.id === serverId && !server.volumeIds.includes(volumeId));
    }
    if (kind !== "FloatingIp" && kind !== "FloatingIpAssociate") return false;
    return facts.floatingIps.some(
      (one) =>
        (kind === "FloatingIp" ? one.id === id : one.address === inputs.floatingIp) && one.portId !== inputs.portId,
    );
  });
}

/** Servers whose making failed: Nova has them, in ERROR, and Pulumi would take them for made. */
export const unfinishedServers = (state: ClusterState | undefined): RecordedResource[] =>
  (state?.resources ?? []).filter(({ kind, unfinished }) => kind === "Instance" && unfinished);
