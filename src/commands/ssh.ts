/** `hailstack ssh`: this machine's own ssh on a node, with the cluster's host keys and no others. */
import { dirname, join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { knownHostsText } from "../cluster/host-keys.ts";
import { readPins } from "../cluster/known-hosts.ts";
import { nodeCalled, type ClusterNode } from "../cluster/nodes.ts";
import { sshConfig } from "../cluster/ssh-config.ts";
import { HailstackError } from "../errors.ts";
import type { World } from "../world.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { pinNodes } from "./pin-nodes.ts";
import { nodesOf, reachNodes } from "./reach.ts";
import { openSite, type Site } from "./site.ts";

type SshOptions = ConfigOptions & { sshKey?: string; acceptNewHostKeys?: true; printConfig?: true };

/** For a server that is still booting; one that stands has its keys in the bucket. */
const patience = { timeoutMs: 60_000 };

export const sshCommand = (world: World) =>
  new Command("ssh")
    .argument("[node]", "master, worker-02, 2, or the server's whole name", "master")
    .argument("[command...]", "after --: what to run there, joined by spaces as ssh does it; without it, a shell")
    .option("--config <file>", "cluster TOML file", "./hailstack.toml")
    .option("--dotenv <file>", "read variables from this file first")
    .option("--ssh-key <file>", "private key to log in with, instead of the agent's")
    .option("--print-config", "print an ssh_config for all nodes, for an Include in ~/.ssh/config")
    .option("--accept-new-host-keys", "pin the node's host key anew, after its server was rebuilt")
    .action((node: string, _: string[], options: SshOptions, command: Command) =>
      ssh(world, options, parted(node, command)),
    );

type Wanted = { node: string; command: readonly string[] };

/** Commander takes the `--` away, and what stands after it for the first argument. */
function parted(node: string, { args, parent }: Command): Wanted {
  const all = rawArgs(parent) ?? args;
  const at = all.indexOf("--");
  const command = at < 0 ? [] : all.slice(at + 1);
  const before = args.length - command.length;
  if (before > 1) throw new InvalidArgumentError("a command comes after '--': hailstack ssh NODE -- COMMAND");
  return { node: before === 1 ? node : "master", command };
}

const rawArgs = (program: Command | null): string[] | undefined =>
  program && "rawArgs" in program && Array.isArray(program.rawArgs) ? program.rawArgs.map(String) : undefined;

async function ssh(world: World, { sshKey: path, ...options }: SshOptions, wanted: Wanted): Promise<void> {
  const loaded = await openConfig(world, options, ["state"]);
  const sshKey = path === undefined ? undefined : resolve(path);
  const site = await openSite(world, loaded);
  const nodes = await nodesOf(site);
  const node = nodeCalled(site.cluster, nodes, wanted.node);
  const needed = options.printConfig ? nodes : nodes.filter(({ name }) => name === node.name || name === nodes[0].name);
  await learnHostKeys(world, site, needed, { sshKey, renew: options.acceptNewHostKeys ? [node.name] : [] });
  const { config, text } = await writeFiles(world, site, nodes, sshKey);
  if (options.printConfig) world.terminal.print(text);
  else world.setExitCode(await world.runSsh(["-F", config, "--", node.name, ...wanted.command]));
}

/** Whatever the cloud does not tell, and whatever is to be pinned anew, the nodes themselves show. */
async function learnHostKeys(
  world: World,
  site: Site,
  needed: readonly ClusterNode[],
  { sshKey, renew }: { sshKey: string | undefined; renew: readonly string[] },
): Promise<void> {
  const known = await pinNodes(
    site,
    needed.filter(({ name }) => !renew.includes(name)),
    patience,
  );
  const only = needed.filter(({ id, name }) => renew.includes(name) || !known[id]).map(({ name }) => name);
  if (only.length === 0) return;
  const before = await readPins(site.bucket, site.cluster);
  try {
    const nodes = await reachNodes(world, site, { ...patience, timeoutMs: 0, sshKey, only, renew });
    await nodes.close();
  } catch (error) {
    // The key is shown before the login, and OpenSSH may know a way in that we do not.
    const after = await readPins(site.bucket, site.cluster);
    const learnt = needed
      .filter(({ name }) => only.includes(name))
      .every(({ id }) => after[id]?.[0] !== before[id]?.[0]);
    if (!(error instanceof HailstackError) || !learnt) throw error;
  }
}

/** Below hailstack's own folder, in one that no other cluster has: people's ~/.ssh/config may name them. */
async function writeFiles(world: World, site: Site, nodes: readonly ClusterNode[], sshKey: string | undefined) {
  const { cluster, state } = site;
  const config = await world.stateFile(`ssh/${cluster}-${state?.outputs?.cluster_id}/config`);
  const knownHosts = join(dirname(config), "known_hosts");
  const text = sshConfig({ nodes, user: state?.outputs?.ssh_username ?? "", knownHosts, sshKey });
  const pins = await readPins(site.bucket, cluster);
  await world.files.writeAtomic(knownHosts, knownHostsText(pins), 0o600);
  await world.files.writeAtomic(config, text, 0o600);
  return { config, text };
}
