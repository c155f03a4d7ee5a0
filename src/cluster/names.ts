/** How everything a cluster owns is called. Names derive from the cluster's, so that a sweep can find them. */
import { createHash } from "node:crypto";

/** `worker-01`; two digits until a hundredth worker needs three, so that growing renames nobody. */
export const workerName = (index: number): string => `worker-${String(index).padStart(2, "0")}`;

/** A host label is at most 63 characters (RFC 1035). */
export const maxHostLabel = 63;

/**
 * The host name of a node: its server name where that is a host label, else cut and made unique again by a hash, which
 * the same name always yields.
 */
export function hostLabel(serverName: string): string {
  if (serverName.length <= maxHostLabel) return serverName;
  const role = /-(master|worker-\d+)$/.exec(serverName)?.[0] ?? "";
  const digest = createHash("sha256").update(serverName).digest("hex").slice(0, 6);
  const head = serverName.slice(0, maxHostLabel - role.length - digest.length - 1).replace(/-+$/, "");
  return `${head}-${digest}${role}`;
}

/**
 * Marks what belongs to one cluster for ever, whatever its name: in tags, metadata and descriptions. Given with the
 * very call that makes a thing, so nothing of ours is ever without it.
 */
export const ownerMark = (clusterId: string): string => `hailstack:${clusterId}`;

/** Metadata key that holds the cluster id on servers and volumes. */
export const ownerKey = "hailstack_cluster_id";

/** Stack name of a cluster in the state bucket, below the project `hailstack`. */
export const stackName = (cluster: string): string => `hailstack-${cluster}`;
