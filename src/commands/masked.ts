/** What a command says on a node, without secrets: those the node knows are gone before it leaves the node. */
import type { NodeAnswer, Nodes, World } from "../world.ts";

export type MaskedOptions = {
  timeoutMs: number;
  /** The last of what it says; a line that would be cut is left out. */
  maxBytes: number;
};

/**
 * Runs as root, with both streams as one in `stdout`; `stderr` is for what keeps it from running at all. What this side
 * alone knows to be secret the terminal takes out.
 * @throws HailstackError (1) as `Nodes.run`
 */
export async function runMasked(
  world: World,
  nodes: Nodes,
  node: string,
  command: readonly string[],
  { timeoutMs, maxBytes }: MaskedOptions,
): Promise<NodeAnswer> {
  const program = await world.asset("over-ssh/masked.py");
  const argv = ["sudo", "-n", "/usr/bin/python3", "-B", "-", String(maxBytes), ...command];
  // A byte becomes three at most, so that nothing is cut on this side.
  return nodes.run(node, argv, { stdin: program, timeoutMs, maxBytes: 3 * maxBytes });
}
