/** `hailstack diagnose`: what all nodes of a cluster, and the cloud, tell of it, as one archive without secrets. */
import { resolve } from "node:path";
import { Command } from "commander";
import { openArchive } from "../cluster/archive.ts";
import { generatedSecrets, readGenerated } from "../cluster/generated.ts";
import { readLocks, readPassphrase } from "../cluster/store.ts";
import { HailstackError } from "../errors.ts";
import { version } from "../version.ts";
import type { World } from "../world.ts";
import { collectNodes, type Keep } from "./collect-nodes.ts";
import { notFound } from "./destroy.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { sshKeyOption } from "./options.ts";
import { openSite, type Site } from "./site.ts";
import { liveStatus } from "./status.ts";

type DiagnoseOptions = ConfigOptions & { sshKey?: string; output?: string };

export const diagnoseCommand = (world: World) =>
  new Command("diagnose")
    .option("--config <file>", "cluster TOML file", "./hailstack.toml")
    .option("--dotenv <file>", "read variables from this file first")
    .option(...sshKeyOption)
    .option("--output <file>", "where the archive goes; CLUSTER-TIME.tar.gz in this folder unless told")
    .action((options: DiagnoseOptions) => diagnose(world, options));

/** A node that nobody gets into is told with its console; it does not keep the others' archive from being made. */
async function diagnose(world: World, options: DiagnoseOptions): Promise<void> {
  const { terminal } = world;
  const loaded = await openConfig(world, options, ["state"]);
  const site = await openSite(world, loaded);
  if (!site.state) throw await notFound(site.bucket, site.cluster);
  await hideShared(world, site);
  const now = world.now();
  const name = `${site.cluster}-${now.toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
  const archive = openArchive(now);
  // The one way into it.
  const keep: Keep = (path, text) => archive.add(`${name}/${path}`, terminal.shown(text));
  await keepSurroundings(site, keep, site.state, now);
  const unreached = await collectNodes(world, site, keep, options.sshKey);
  for (const problem of unreached) terminal.report({ event: "warning", ...problem });
  const path = resolve(options.output ?? `${name}.tar.gz`);
  await world.files.writeAtomic(path, await archive.end(), 0o600);
  terminal.print(path);
}

/** The cluster's own, so that the terminal knows them; nodes take out theirs before this side sees them. */
async function hideShared(world: World, { bucket, cluster, loaded: { env } }: Site): Promise<void> {
  const passphrase = await readPassphrase(bucket, cluster, env);
  if (passphrase === undefined) return;
  world.terminal.hide([passphrase]);
  try {
    const generated = await readGenerated(bucket, cluster, passphrase);
    if (generated) world.terminal.hide(generatedSecrets(generated));
  } catch (error) {
    if (!(error instanceof HailstackError)) throw error;
    for (const problem of error.problems) world.terminal.report({ event: "warning", ...problem });
  }
}

/** What is known without any node. */
async function keepSurroundings(site: Site, keep: Keep, state: NonNullable<Site["state"]>, now: Date): Promise<void> {
  const { bucket, cluster, cloud, loaded } = site;
  const [status, servers] = await Promise.all([
    readLocks(bucket, cluster).then((locks) => liveStatus(site, state, locks)),
    cloud.servers(`${cluster}-`),
  ]);
  const versions = {
    hailstack: version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    bundle: state.outputs?.bundle_id ?? loaded.config.cluster.bundle,
    taken: now.toISOString(),
  };
  await keep("versions.json", json(versions));
  await keep("status.json", json(status));
  await keep("servers.json", json(servers));
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
