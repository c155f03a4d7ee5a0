/** `hailstack status`: what a cluster is and how its servers are. Writes nothing anywhere. */
import { Command } from "commander";
import { reportStatus, statusText, type StatusReport } from "../cluster/report.ts";
import type { ClusterState } from "../cluster/state.ts";
import { readLocks, readState, type Lock } from "../cluster/store.ts";
import type { World } from "../world.ts";
import { findCredentials } from "./credentials.ts";
import { notFound } from "./destroy.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { refuseOtherProject, type Site } from "./site.ts";

export const statusCommand = (world: World) =>
  new Command("status")
    .option("--config <file>", "cluster TOML file", "./hailstack.toml")
    .option("--dotenv <file>", "read variables from this file first")
    .option("--json", "print the answer as one line of JSON")
    .action((options: ConfigOptions) => status(world, options));

/** At most three requests to the bucket and five to the cloud, however many workers there are. */
async function status(world: World, { json, ...options }: ConfigOptions): Promise<void> {
  const { terminal } = world;
  const loaded = await openConfig(world, options, ["state"]);
  const cluster = loaded.config.cluster.name;
  const credentials = await findCredentials(world, loaded.env);
  const bucket = await world.openBucket(loaded.config.ceph_s3);
  const [cloud, state, locks] = await Promise.all([
    world.openCloud(credentials),
    readState(bucket, cluster),
    readLocks(bucket, cluster),
  ]);
  if (!state) throw await notFound(bucket, cluster);
  refuseOtherProject(cluster, cloud, state.outputs?.project_id);
  const report = await liveStatus({ loaded, cluster, cloud }, state, locks);
  terminal.print(json ? sortedJson(report) : statusText(report));
}

/** At most three questions to the cloud. */
export async function liveStatus(
  { loaded, cluster, cloud }: Pick<Site, "loaded" | "cluster" | "cloud">,
  state: ClusterState,
  locks: readonly Lock[],
): Promise<StatusReport> {
  const volumeId = state.outputs?.attached_volume_id;
  const [servers, floatingIps, volume] = await Promise.all([
    cloud.servers(`${cluster}-`),
    cloud.floatingIps(),
    volumeId ? cloud.volume(volumeId) : undefined,
  ]);
  const { bundle, master_flavour } = loaded.config.cluster;
  const live = { servers, floatingIps, ...(volume ? { volume } : {}) };
  return reportStatus(cluster, state, live, locks, { bundle, master_flavour });
}

/** One line, keys sorted at every level, as scripts of the contract expect it. */
const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
