/** What every command that deals with a cluster starts from: its config, its cloud, its place in the state store. */
import { readState, type Identity, readIdentity } from "../cluster/store.ts";
import type { ClusterState } from "../cluster/state.ts";
import type { Loaded } from "../config/load.ts";
import { Exit, failure } from "../errors.ts";
import type { Bucket, Cloud, World } from "../world.ts";
import { findCredentials } from "./credentials.ts";

export type Site = {
  loaded: Loaded;
  /** The cluster's name. */
  cluster: string;
  cloud: Cloud;
  bucket: Bucket;
  /** undefined when the store knows no such cluster. */
  state: ClusterState | undefined;
  identity: Identity | undefined;
};

/** Logs in to the cloud and reads the cluster's state. @throws HailstackError (3) for the cloud, (4) for the store */
export async function openSite(world: World, loaded: Loaded): Promise<Site> {
  const { terminal } = world;
  const cluster = loaded.config.cluster.name;
  const credentials = await findCredentials(world, loaded.env);
  return terminal.stage("connecting", async (detail) => {
    const bucket = await world.openBucket(loaded.config.ceph_s3);
    const [cloud, state, identity] = await Promise.all([
      world.openCloud(credentials),
      readState(bucket, cluster),
      readIdentity(bucket, cluster),
    ]);
    const { user, project, projectId, region } = cloud.identity;
    const where = `${user} in project ${project} (${projectId})${region ? `, region ${region}` : ""}`;
    detail(`${where}, by ${credentials.source}; state in ${bucket.name} at ${bucket.host}`);
    refuseOtherProject(cluster, cloud, identity?.project_id ?? state?.outputs?.project_id);
    return { loaded, cluster, cloud, bucket, state, identity };
  });
}

/**
 * One bucket may serve several projects; a name in it belongs to the one that took it first.
 * @throws HailstackError (3) when `recorded` is another project's id
 */
export function refuseOtherProject(cluster: string, { identity }: Cloud, recorded: string | undefined): void {
  if (recorded === undefined || recorded === identity.projectId) return;
  throw failure(
    Exit.preflight,
    "other-project",
    `cluster '${cluster}' of this bucket belongs to project ${recorded}, and these credentials to ${identity.project} (${identity.projectId})`,
    "use that project's credentials, another cluster.name, or another ceph_s3.bucket",
    { where: cluster },
  );
}
