/** `hailstack destroy`: delete a cluster, and nothing that is not its own. */
import { Command } from "commander";
import { proveStore } from "../cluster/probe.ts";
import { readFacts } from "../cluster/facts.ts";
import { planFarewell, type Farewell } from "../cluster/farewell.ts";
import { findOrphans, sweep, type Orphan } from "../cluster/orphans.ts";
import { withoutPending, withVolumeRetained } from "../cluster/state.ts";
import { forgetCluster, listClusters, readPassphrase, rewriteState } from "../cluster/store.ts";
import { Exit, failure, type HailstackError } from "../errors.ts";
import type { Cloud, World } from "../world.ts";
import { asFailure } from "./as-failure.ts";
import { minutes } from "./options.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { openSite, type Site } from "./site.ts";
import { refuseLocked, requireEngine, whileUnchanged, withStacks } from "./stacks.ts";

type DestroyOptions = ConfigOptions & { dryRun?: true; yes?: string; timeout: number };

export const destroyCommand = (world: World) =>
  new Command("destroy")
    .requiredOption("--config <file>", "cluster TOML file")
    .option("--dotenv <file>", "read variables from this file first")
    .option("--dry-run", "show what would be deleted, kept and detached; delete nothing")
    .option("--yes <name>", "the cluster's name, instead of typing it when asked")
    .option("--timeout <minutes>", "stop, as Ctrl-C would, after this long", minutes, 60)
    .option("--json", "print events as lines of JSON; the last one is the result")
    .action((options: DestroyOptions) => destroy(world, options));

async function destroy(world: World, options: DestroyOptions): Promise<void> {
  const { terminal } = world;
  const loaded = await openConfig(world, options, ["state"]);
  if (!options.dryRun) await requireEngine(world);
  const site = await openSite(world, loaded);
  const { farewell, orphans } = await terminal.stage("looking at what there is", () => survey(site));
  terminal.print(describe(site.cluster, farewell));
  if (options.dryRun) {
    terminal.result({ command: "destroy", dry_run: true, cluster: site.cluster, ...farewell });
    return;
  }
  await refuseLocked(world, site);
  await proveStore(site.bucket);
  await confirm(world, site.cluster, options.yes);
  await removeAll(world, site, farewell, orphans, options.timeout * 60_000);
  terminal.print([`Cluster '${site.cluster}' destroyed.`, ...keptLines(farewell)].join("\n"));
  terminal.result({ command: "destroy", cluster: site.cluster, ...farewell });
  // A script that frees a project must learn that something which nobody of us may delete is still there.
  if (farewell.kept.some(({ foreign }) => foreign)) world.setExitCode(Exit.failed);
}

/** @throws HailstackError (3) when the store knows no such cluster and the cloud holds nothing of it */
async function survey({
  cloud,
  cluster,
  state,
  identity,
  loaded,
  bucket,
}: Site): Promise<{ farewell: Farewell; orphans: Orphan[] }> {
  const clusterId = identity?.cluster_id ?? state?.outputs?.cluster_id;
  if (!state && !clusterId) throw await notFound(bucket, cluster);
  const facts = await readFacts(cloud, { cluster, image: "", existing_volume_id: "" });
  const orphans = clusterId ? findOrphans(cluster, clusterId, facts, state) : [];
  if (!state && orphans.length === 0) throw await notFound(bucket, cluster);
  const empty = { resources: [], pending: [] };
  const farewell = planFarewell(state ?? empty, facts, orphans, loaded.config.volumes.preserve_on_destroy);
  return { farewell, orphans };
}

/** @returns the error of every command that wants a cluster the bucket does not have */
export async function notFound(bucket: Site["bucket"], cluster: string): Promise<HailstackError> {
  const names = await listClusters(bucket);
  const known = names.length > 0 ? `the bucket holds: ${names.join(", ")}` : "the bucket holds no cluster";
  return failure(
    Exit.preflight,
    "cluster-not-found",
    `Cluster not found: '${cluster}' is not in bucket '${bucket.name}' at ${bucket.host}; ${known}`,
    "check cluster.name and ceph_s3.bucket; if it was destroyed already there is nothing to do",
    { where: cluster },
  );
}

async function confirm({ terminal }: World, cluster: string, yes: string | undefined): Promise<void> {
  const flag = `--yes ${cluster}`;
  if (yes === cluster) return;
  if (yes !== undefined) throw aborted(`--yes names '${yes}', the cluster is '${cluster}'`, flag);
  if (!terminal.interactive) throw aborted("there is no terminal to type the cluster's name on", flag);
  await terminal.confirmByTyping(cluster, `Do you want to destroy cluster '${cluster}'?`, flag);
}

const aborted = (why: string, flag: string) =>
  failure(Exit.failed, "aborted", `Aborted: ${why}`, `run the same command again with ${flag}`);

async function removeAll(
  world: World,
  site: Site,
  farewell: Farewell,
  orphans: readonly Orphan[],
  timeoutMs: number,
): Promise<void> {
  const { terminal } = world;
  const { cloud, bucket, cluster, state, loaded } = site;
  const { preserve_on_destroy } = loaded.config.volumes;
  const { release } = farewell;
  // The prompt may have waited for long: what it showed must still be what there is.
  const prepare = () =>
    whileUnchanged(world, site, async () => {
      if (release) await unmount(world, cloud, release.serverId);
      // Before the rest: a port that no state knows would keep its security group from being deleted.
      await asFailure(() =>
        sweep(cloud, orphans, ({ kind, name }) =>
          terminal.report({ event: "note", message: `removed ${kind} ${name}` }),
        ),
      );
      // Pulumi keeps a volume, or not, as its state says; the config of this moment is what the user reads.
      await rewriteState(bucket, cluster, (bytes, key) =>
        withVolumeRetained(Buffer.from(withoutPending(bytes, key)), key, preserve_on_destroy),
      );
    });
  if (!state) await prepare();
  else {
    const passphrase = (await readPassphrase(bucket, cluster, loaded.env)) ?? "";
    await withStacks(world, site, passphrase, async (stacks) => {
      await prepare();
      terminal.report({ event: "plan", total: state.resources.length });
      await terminal.stage("destroying", () => stacks.destroy({ timeoutMs }));
    });
  }
  await forgetCluster(bucket, cluster);
}

/** A volume that outlives the cluster must not be torn from a server that still writes to it. */
async function unmount({ terminal }: World, cloud: Cloud, serverId: string): Promise<void> {
  await terminal.stage("shutting the master down, so that its data volume is written out", async (detail) => {
    const off = await cloud.stopServer(serverId, 180_000);
    detail(off ? "off" : "still not off after 3 minutes, going on");
  });
}

function describe(cluster: string, { deleted, kept, detached, gone }: Farewell): string {
  const lines = (title: string, rows: readonly string[]) =>
    rows.length > 0 ? [`${title}:`, ...rows.toSorted().map((row) => `  ${row}`)] : [];
  return [
    `Cluster '${cluster}'`,
    ...lines(
      "deleted",
      deleted.map(({ kind, name }) => `${kind} ${name}`),
    ),
    ...lines(
      "kept",
      kept.map(({ kind, name, id, why }) => `${kind} ${name}${name === id ? "" : ` (${id})`}: ${why}`),
    ),
    ...lines(
      "detached, not deleted",
      detached.map(({ kind, name }) => `${kind} ${name}`),
    ),
    ...lines(
      "already gone",
      gone.map(({ kind, name }) => `${kind} ${name}`),
    ),
  ].join("\n");
}

const keptLines = ({ kept, detached }: Farewell): string[] =>
  [...kept, ...detached].map(({ kind, name, id }) => `  kept: ${kind} ${name}${name === id ? "" : ` (${id})`}`);
