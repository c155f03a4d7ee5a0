/** How everything a cluster owns is called. Names derive from the cluster's, so that a sweep can find them. */

/** `worker-01`; two digits until a hundredth worker needs three, so that growing renames nobody. */
export const workerName = (index: number): string => `worker-${String(index).padStart(2, "0")}`;

/**
 * Marks what belongs to one cluster for ever, whatever its name: in tags, metadata and descriptions. Given with the
 * very call that makes a thing, so nothing of ours is ever without it.
 */
export const ownerMark = (clusterId: string): string => `hailstack:${clusterId}`;

/** Metadata key that holds the cluster id on servers and volumes. */
export const ownerKey = "hailstack_cluster_id";

/** Stack name of a cluster in the state bucket, below the project `hailstack`. */
export const stackName = (cluster: string): string => `hailstack-${cluster}`;
