/** `hailstack list`: every cluster of the state bucket, and servers that claim a cluster no state knows. */
import { Command } from "commander";
import { ownerKey } from "../cluster/names.ts";
import { ofKind, type ClusterState } from "../cluster/state.ts";
import { Exit, HailstackError } from "../errors.ts";
import type { Server, World } from "../world.ts";
import { findCredentials } from "./credentials.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { readStates } from "./states.ts";

export const listCommand = (world: World) =>
  new Command("list")
    .option("--config <file>", "any TOML file with the bucket's [ceph_s3]", "./hailstack.toml")
    .option("--dotenv <file>", "read variables from this file first")
    .option("--json", "print the answer as one line of JSON")
    .action((options: ConfigOptions) => list(world, options));

type Row = { cluster: string; bundle: string; workers: number; address: string; updated_at: string; active: string };
type Stray = { server: string; id: string; cluster: string; cluster_id: string };

async function list(world: World, { json, ...options }: ConfigOptions): Promise<void> {
  const { terminal } = world;
  const loaded = await openConfig(world, options, ["state"]);
  const bucket = await world.openBucket(loaded.config.ceph_s3);
  const [{ known, unread }, seen] = await Promise.all([readStates(world, bucket), readServers(world, loaded.env)]);
  const clusters = known.map(([name, state]) => rowOf(name, state, seen));
  const strays = straysOf(
    known.map(([, state]) => state),
    // What a state that cannot be read knows is not to be called lost.
    (seen?.servers ?? []).filter(({ metadata }) => !unread.includes(metadata.cluster_name ?? "")),
  );
  terminal.print(json ? JSON.stringify({ clusters, strays }) : listText(world, clusters, strays, bucket.name));
}

/** One project's servers. */
type Seen = { projectId: string; servers: readonly Server[] };

/** undefined when there is no cloud to ask: the bucket's own answer is worth having without. */
async function readServers(world: World, env: World["env"]): Promise<Seen | undefined> {
  try {
    const cloud = await world.openCloud(await findCredentials(world, env));
    return { projectId: cloud.identity.projectId, servers: await cloud.servers() };
  } catch (error) {
    if (!(error instanceof HailstackError) || error.exitCode === Exit.state) throw error;
    for (const problem of error.problems) world.terminal.report({ event: "warning", ...problem });
    return undefined;
  }
}

function rowOf(cluster: string, state: ClusterState, seen: Seen | undefined): Row {
  const ids = new Set(ofKind(state, "Instance").map(({ id }) => id));
  // Another project's servers cannot be seen from here, which says nothing of them.
  const ours = seen && (state.outputs?.project_id ?? seen.projectId) === seen.projectId;
  const active = ours ? seen.servers.filter(({ id, status }) => ids.has(id) && status === "ACTIVE").length : undefined;
  return {
    cluster,
    bundle: state.outputs?.bundle_id ?? "",
    workers: state.outputs?.num_workers ?? Math.max(0, ids.size - 1),
    address: state.outputs?.master_public_ip ?? "",
    updated_at: state.time ?? "",
    active: active === undefined ? "?" : `${active}/${ids.size}`,
  };
}

function straysOf(states: readonly ClusterState[], servers: readonly Server[]): Stray[] {
  const known = new Set(states.flatMap((state) => ofKind(state, "Instance").map(({ id }) => id)));
  return servers
    .filter(({ id, metadata }) => metadata[ownerKey] !== undefined && !known.has(id))
    .map(({ id, name, metadata }) => ({
      server: name,
      id,
      cluster: metadata.cluster_name ?? "",
      cluster_id: metadata[ownerKey] ?? "",
    }));
}

function listText({ terminal }: World, clusters: readonly Row[], strays: readonly Stray[], bucket: string): string {
  const rows = clusters.map(({ cluster, workers, active, address, bundle, updated_at }) => [
    cluster,
    String(workers),
    active,
    address || "-",
    bundle || "incomplete",
    // To the second; the engine writes nanoseconds.
    updated_at.replace(/\.\d+Z$/, "Z"),
  ]);
  const table =
    clusters.length > 0
      ? terminal.table(rows, ["CLUSTER", "WORKERS", "ACTIVE", "ADDRESS", "BUNDLE", "UPDATED"])
      : `No clusters in bucket '${bucket}'.`;
  const lost = strays.map(({ server, id, cluster }) => `  ${server} (${id}) says it belongs to '${cluster}'`);
  return [table, ...(lost.length > 0 ? ["", "Servers that no state of this bucket knows:", ...lost] : [])].join("\n");
}
