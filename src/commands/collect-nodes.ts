/** What every node of a cluster tells of itself, and the console of each that nobody gets into. */
import { nodeEvidence, type Evidence } from "../cluster/evidence.ts";
import { readPins } from "../cluster/known-hosts.ts";
import { clusterNodes, type ClusterNode } from "../cluster/nodes.ts";
import { ofKind } from "../cluster/state.ts";
import { readTemplates } from "../cluster/templates.ts";
import { HailstackError, type Problem } from "../errors.ts";
import type { Nodes, World } from "../world.ts";
import { inParallel } from "./in-parallel.ts";
import { runMasked } from "./masked.ts";
import { pinNodes } from "./pin-nodes.ts";
import { addressOf, openAddresses } from "./reach.ts";
import type { Site } from "./site.ts";

/** Puts one file into what is collected. */
export type Keep = (path: string, text: string) => Promise<void>;
type Server = Pick<ClusterNode, "id" | "name">;

const nodesAtOnce = 8;
/** Of one node: half of what its sshd takes, and its processors have other work. */
const commandsAtOnce = 4;
const mostBytes = 5 * 1_048_576;
const consoleLines = 10_000;

/**
 * What keeps each of the others from being reached. Where no create has come to its end, consoles are all there is.
 * @throws HailstackError (1) when there is no key to log in with
 */
export async function collectNodes(
  world: World,
  site: Site,
  keep: Keep,
  sshKey: string | undefined,
): Promise<Problem[]> {
  const { state, cluster } = site;
  if (!state) return [];
  if (!state.outputs) {
    for (const server of ofKind(state, "Instance")) await keepConsole(site, keep, server);
    return [];
  }
  const all = clusterNodes(cluster, state);
  const templates = await readTemplates(world);
  const nodes = await openPinned(world, site, all, sshKey);
  try {
    return await world.terminal.stage("collecting", async (detail) => {
      const unreached: Problem[] = [];
      let done = 0;
      await inParallel(all, nodesAtOnce, async (node) => {
        const problems = await keepNode({ world, nodes, keep }, node, nodeEvidence(node.role, templates));
        if (problems.length > 0) await keepConsole(site, keep, node);
        unreached.push(...problems);
        done += 1;
        detail(`${done} of ${all.length} nodes${unreached.length > 0 ? `, ${unreached.length} not reached` : ""}`);
      });
      return unreached;
    });
  } finally {
    await nodes.close();
  }
}

/** Nobody waits for keys that a console does not show, and no node is believed without: it may be what is wrong. */
async function openPinned(
  world: World,
  site: Site,
  all: readonly ClusterNode[],
  sshKey: string | undefined,
): Promise<Nodes> {
  try {
    await pinNodes(site, all, { timeoutMs: 0 });
  } catch (error) {
    if (!(error instanceof HailstackError)) throw error;
  }
  const known = await readPins(site.bucket, site.cluster);
  const addresses = all.map((node) => addressOf(node, known));
  return openAddresses(world, site, addresses, { sshKey, unknownHostKey: undefined });
}

type Collector = { world: World; nodes: Nodes; keep: Keep };

/** What keeps us from the node; nothing when it told all. */
async function keepNode(
  { world, nodes, keep }: Collector,
  { name }: ClusterNode,
  evidence: readonly Evidence[],
): Promise<readonly Problem[]> {
  try {
    await nodes.run(name, ["true"], { timeoutMs: 30_000 });
  } catch (error) {
    if (!(error instanceof HailstackError)) throw error;
    await keep(`nodes/${name}/unreached.txt`, `${error.message}\n`);
    return error.problems;
  }
  await inParallel(evidence, commandsAtOnce, async ({ file, command }) => {
    await keep(`nodes/${name}/${file}`, await toldBy({ world, nodes }, name, command));
  });
  return [];
}

/** A command that does not end, or a connection that does, is part of the answer. */
async function toldBy(
  { world, nodes }: Omit<Collector, "keep">,
  node: string,
  command: readonly string[],
): Promise<string> {
  try {
    const { stdout, stderr } = await runMasked(world, nodes, node, command, {
      timeoutMs: 60_000,
      maxBytes: mostBytes,
    });
    return stdout + stderr;
  } catch (error) {
    if (!(error instanceof HailstackError)) throw error;
    return `${error.message}\n`;
  }
}

async function keepConsole({ cloud }: Site, keep: Keep, { id, name }: Server): Promise<void> {
  const log = await cloud.consoleLog(id, consoleLines).catch((error: unknown) => {
    if (!(error instanceof HailstackError)) throw error;
    return `${error.message}\n`;
  });
  await keep(`nodes/${name}/console.log`, log ?? "the cloud does not tell it\n");
}
