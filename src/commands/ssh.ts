/** `hailstack ssh`: this machine's own ssh on a node, with the cluster's host keys and no others. */
import { Command, InvalidArgumentError } from "commander";
import { nodeCalled } from "../cluster/nodes.ts";
import type { World } from "../world.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { learnHostKeys, writeSshFiles } from "./open-ssh.ts";
import { sshKeyOption } from "./options.ts";
import { nodesOf } from "./reach.ts";
import { openSite } from "./site.ts";

type SshOptions = ConfigOptions & { sshKey?: string; acceptNewHostKeys?: true; printConfig?: true };

export const sshCommand = (world: World) =>
  new Command("ssh")
    .argument("[node]", "master, worker-02, 2, or the server's whole name", "master")
    .argument("[command...]", "after --: what to run there, joined by spaces as ssh does it; without it, a shell")
    .option("--config <file>", "cluster TOML file", "./hailstack.toml")
    .option("--dotenv <file>", "read variables from this file first")
    .option(...sshKeyOption)
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

async function ssh(world: World, { sshKey, ...options }: SshOptions, wanted: Wanted): Promise<void> {
  const loaded = await openConfig(world, options, ["state"]);
  const site = await openSite(world, loaded);
  const nodes = await nodesOf(site);
  const node = nodeCalled(site.cluster, nodes, wanted.node);
  const needed = options.printConfig ? nodes : nodes.filter(({ name }) => name === node.name || name === nodes[0].name);
  await learnHostKeys(world, site, needed, { sshKey, renew: options.acceptNewHostKeys ? [node.name] : [] });
  const { config, text } = await writeSshFiles(world, site, nodes, sshKey);
  if (options.printConfig) world.terminal.print(text);
  else world.setExitCode(await world.runSsh(["-F", config, "--", node.name, ...wanted.command]));
}
