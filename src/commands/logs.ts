/** `hailstack logs`: what a node's units have said, and how its first boot went. */
import { Command, InvalidArgumentError } from "commander";
import { bootLog } from "../cluster/evidence.ts";
import { nodeCalled, type ClusterNode } from "../cluster/nodes.ts";
import { quoteArgv } from "../cluster/quote.ts";
import { unitCalled, units } from "../cluster/units.ts";
import { Exit, HailstackError } from "../errors.ts";
import type { Nodes, World } from "../world.ts";
import { runMasked } from "./masked.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { learnHostKeys, writeSshFiles } from "./open-ssh.ts";
import { sshKeyOption } from "./options.ts";
import { nodesOf, reachNodes } from "./reach.ts";
import { openSite, type Site } from "./site.ts";

type LogsOptions = ConfigOptions & { sshKey?: string; since?: string; lines: number; follow?: true };
type Wanted = Pick<LogsOptions, "sshKey" | "since" | "lines"> & {
  node: ClusterNode;
  /** undefined: all of the node's, and the boot log. */
  unit: string | undefined;
};

const mostLines = 100_000;
const mostBytes = 16 * 1_048_576;

export const logsCommand = (world: World) =>
  new Command("logs")
    .argument("[node]", "master, worker-02, 2, or the server's whole name", "master")
    .argument("[unit]", "one service, such as spark-worker; all of the node's and the boot log without it")
    .option("--config <file>", "cluster TOML file", "./hailstack.toml")
    .option("--dotenv <file>", "read variables from this file first")
    .option(...sshKeyOption)
    .option("--since <time>", "only what is newer, as journalctl takes it: '10 min ago', '2026-01-31 12:00', today")
    .option("--lines <number>", "so many of the last lines", lineCount, 200)
    .option("--follow", "go on with what comes, until Ctrl-C")
    .action((node: string, unit: string | undefined, options: LogsOptions) => logs(world, node, unit, options));

function lineCount(text: string): number {
  const lines = Number(text);
  if (/^\d{1,6}$/.test(text) && lines > 0 && lines <= mostLines) return lines;
  throw new InvalidArgumentError(`it must be a number of lines, 1 to ${mostLines}.`);
}

async function logs(world: World, word: string, unit: string | undefined, options: LogsOptions): Promise<void> {
  const loaded = await openConfig(world, options, ["state"]);
  const site = await openSite(world, loaded);
  const nodes = await nodesOf(site);
  const node = nodeCalled(site.cluster, nodes, word);
  const wanted: Wanted = {
    node,
    unit: unit === undefined ? undefined : unitCalled(node.name, node.role, unit),
    lines: options.lines,
    ...(options.since === undefined ? {} : { since: options.since }),
    ...(options.sshKey === undefined ? {} : { sshKey: options.sshKey }),
  };
  if (options.follow) return follow(world, site, nodes, wanted);
  const way = await reachNodes(world, site, { sshKey: wanted.sshKey, only: [node.name], timeoutMs: 20_000 });
  try {
    world.terminal.print(await lastOf(world, way, wanted));
  } finally {
    await way.close();
  }
}

/** By this machine's own ssh, as `hailstack ssh` does: what comes is shown as it comes. */
async function follow(world: World, site: Site, nodes: readonly ClusterNode[], wanted: Wanted): Promise<void> {
  const { node, sshKey } = wanted;
  const needed = nodes.filter(({ name, role }) => name === node.name || role === "master");
  await learnHostKeys(world, site, needed, { sshKey, renew: [] });
  const { config } = await writeSshFiles(world, site, nodes, sshKey);
  const line = quoteArgv(["sudo", "-n", ...journal(wanted), "--follow"]);
  world.setExitCode(await world.runSsh(["-F", config, "--", node.name, line]));
}

const journal = ({ node, unit, since, lines }: Wanted): string[] => [
  "journalctl",
  "--no-pager",
  "--output=short-iso",
  `--lines=${lines}`,
  ...(since === undefined ? [] : [`--since=${since}`]),
  ...(unit === undefined ? units[node.role] : [unit]).map((one) => `--unit=${one}.service`),
];

/** @throws HailstackError (1) with journald's own words where it does not understand */
async function lastOf(world: World, way: Nodes, wanted: Wanted): Promise<string> {
  const { node, unit, lines } = wanted;
  const ask = (command: readonly string[]) =>
    runMasked(world, way, node.name, command, { timeoutMs: 120_000, maxBytes: mostBytes });
  const told = await ask(journal(wanted));
  if (told.code !== 0) throw notTold(node.name, `${told.stderr}\n${told.stdout}`, told.code);
  if (unit !== undefined) return told.stdout;
  // It may not be there yet, which then is what there is to tell.
  const boot = await ask(["tail", `--lines=${lines}`, bootLog]);
  return `==> ${bootLog} <==\n${boot.stdout}\n==> journal of ${node.name} <==\n${told.stdout}`;
}

const notTold = (node: string, said: string, code: number): HailstackError =>
  new HailstackError(Exit.failed, [
    {
      slug: "logs-not-told",
      message: `the node does not tell its journal (exit status ${code})`,
      where: node,
      excerpt: said
        .split("\n")
        .filter((line) => line.trim() !== "")
        .slice(-5),
      fix: "correct --since if it is that; to look: hailstack ssh NODE -- sudo journalctl -b -n 50",
    },
  ]);
