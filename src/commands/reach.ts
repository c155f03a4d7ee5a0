/** The nodes of a cluster over SSH, as commands want them: host keys pinned, and each of them answering. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KnownHosts } from "../cluster/host-keys.ts";
import { clusterNodes, type ClusterNode } from "../cluster/nodes.ts";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { NodeAddress, Nodes, NodesOptions, World } from "../world.ts";
import { deadlineIn, type Deadline } from "./deadline.ts";
import { notFound } from "./destroy.ts";
import { acceptShown, consoleEnd, type Patience, pinNodes, usualPauseMs } from "./pin-nodes.ts";
import type { Site } from "./site.ts";

export type ReachOptions = Patience & {
  /** Path of a private key; without one, the agent. */
  sshKey?: string | undefined;
  /** Names of those that must answer, and the master's; all unless told. */
  only?: readonly string[];
  /** The others can be asked too; how they are is not looked at here. */
  alsoOthers?: true;
  /** Names of those whose pinned host keys no longer count: what they show is pinned anew. */
  renew?: readonly string[];
};

/**
 * Waits until SSH answers on all of them: for the host keys in the console logs, and for SSH, `timeoutMs` for both.
 * @throws HailstackError (3) without a cluster; (1) naming each node that cannot be reached, why, and its console's end
 */
export async function reachNodes(world: World, site: Site, options: ReachOptions): Promise<Nodes> {
  const [master, ...others] = await nodesOf(site);
  const workers = others.filter(({ name }) => options.only?.includes(name) ?? true);
  const all = [master, ...workers];
  const deadline = deadlineIn(options.timeoutMs);
  const renewed = new Set(options.renew);
  const known = await pinNodes(
    site,
    all.filter(({ name }) => !renewed.has(name)),
    options,
  );
  const address = (node: ClusterNode): NodeAddress => addressOf(node, renewed.has(node.name) ? {} : known);
  const opened: readonly ClusterNode[] = options.alsoOthers ? [master, ...others] : all;
  const nodes = await openAddresses(world, site, opened.map(address), {
    sshKey: options.sshKey,
    unknownHostKey: acceptShown(world, site, opened),
  });
  try {
    await waitForAll(world, site, nodes, all, { deadline, pauseMs: options.pauseMs });
    return nodes;
  } catch (error) {
    await nodes.close();
    throw error;
  }
}

/** As `World.openNodes`; the master first. */
export function openAddresses(
  world: World,
  { state, loaded: { config, env } }: Site,
  [master, ...workers]: readonly NodeAddress[],
  access: Pick<NodesOptions, "sshKey" | "unknownHostKey">,
): Promise<Nodes> {
  if (!master) throw new Error("a cluster has a master");
  const user = state?.outputs?.ssh_username ?? "";
  return world.openNodes({ user, master, workers, publicKeys: config.ssh_keys.public_keys, env, ...access });
}

/** The master first. @throws HailstackError (3) */
export async function nodesOf({ state, bucket, cluster }: Site): Promise<[ClusterNode, ...ClusterNode[]]> {
  if (!state) throw await notFound(bucket, cluster);
  return clusterNodes(cluster, state);
}

export const addressOf = ({ id, name, address, role }: ClusterNode, known: KnownHosts): NodeAddress => ({
  name,
  address,
  role,
  hostKeys: known[id] ?? [],
});

async function waitForAll(
  { terminal }: World,
  site: Site,
  nodes: Nodes,
  [master, ...workers]: readonly ClusterNode[],
  { deadline, pauseMs }: { deadline: Deadline; pauseMs: number | undefined },
): Promise<void> {
  const total = workers.length + 1;
  await terminal.stage("waiting for SSH", async (detail) => {
    let answered = 0;
    const wait = async (node: ClusterNode): Promise<Failed[]> => {
      const error = await untilAnswer(nodes, node.name, deadline, pauseMs);
      if (error) return [{ node, error }];
      answered += 1;
      detail(`${answered} of ${total} nodes`);
      return [];
    };
    // Nobody else can be reached without it.
    const failed = master ? await wait(master) : [];
    if (failed.length === 0) failed.push(...(await Promise.all(workers.map(wait))).flat());
    if (failed.length > 0) throw await withConsoles(site, failed);
  });
}

type Failed = { node: ClusterNode; error: HailstackError };

/** What a node that is still booting may answer; anything else stays as it is. */
const passing = new Set(["ssh-refused", "ssh-timeout", "ssh-auth", "ssh-lost", "ssh-command-time"]);

/** Why it does not, or undefined when it does. */
async function untilAnswer(
  nodes: Nodes,
  name: string,
  deadline: Deadline,
  pauseMs = usualPauseMs,
): Promise<HailstackError | undefined> {
  for (;;) {
    try {
      await nodes.run(name, ["true"], { timeoutMs: 30_000 });
      return undefined;
    } catch (error) {
      if (!(error instanceof HailstackError)) throw error;
      if (!error.problems.every(({ slug }) => passing.has(slug)) || deadline.left() === 0) return error;
    }
    // Not all at the same moment, when there are hundreds.
    await sleep(pauseMs * (0.75 + Math.random() / 2));
  }
}

/** With the last words of the first few: a node that boots says there what keeps it. */
async function withConsoles({ cloud }: Site, failed: readonly Failed[]): Promise<HailstackError> {
  const problems = failed.slice(0, 5).map(async ({ node, error }): Promise<Problem[]> => {
    const log = await cloud.consoleLog(node.id, 20).catch(() => undefined);
    return error.problems.map((problem) => (log ? { ...problem, excerpt: consoleEnd(log) } : problem));
  });
  const told = (await Promise.all(problems)).flat();
  const more = failed.slice(5).flatMap(({ error }) => error.problems);
  return new HailstackError(Exit.failed, [...told, ...more], { cause: failed[0]?.error });
}
