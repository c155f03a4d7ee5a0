/** Workers that were drained, and then stay after all. */
import { drainBytes, parseDrain } from "../cluster/drain-report.ts";
import { whyEnded } from "../cluster/node-answer.ts";
import { masterOf, workersOf, type ClusterPlan } from "../cluster/plan.ts";
import { Exit, failure } from "../errors.ts";
import type { Nodes } from "../world.ts";
import { drainFile } from "./follow-drain.ts";

/**
 * Gives them back to Spark, whose workers know no other way back than a new start; nothing runs on them. HDFS and YARN
 * have read in their exclude file that they stay.
 * @throws HailstackError (1) when one of them does not start again
 */
export async function takeBack(nodes: Nodes, plan: ClusterPlan): Promise<void> {
  const master = masterOf(plan).name;
  const { code, stdout } = await nodes.run(master, ["cat", drainFile], { timeoutMs: 15_000, maxBytes: drainBytes });
  if (code !== 0) return;
  // It may still be at it, when the command that had it started was stopped.
  await asRoot(nodes, master, "systemctl", "stop", "hailstack-drain.service");
  const drained = parseDrain(stdout)?.nodes ?? {};
  for (const { name } of workersOf(plan).filter(({ hostname }) => hostname in drained)) {
    await must(nodes, name, "systemctl", "try-restart", "spark-worker.service");
  }
  await must(nodes, master, "rm", "-f", drainFile);
}

const asRoot = (nodes: Nodes, node: string, ...command: readonly string[]) =>
  nodes.run(node, ["sudo", "-n", ...command], { timeoutMs: 120_000 });

async function must(nodes: Nodes, node: string, ...command: readonly string[]): Promise<void> {
  const answer = await asRoot(nodes, node, ...command);
  if (answer.code === 0) return;
  const fix = "run the same command again";
  throw failure(Exit.failed, "take-back-failed", `${command.join(" ")}: ${whyEnded(answer)}`, fix, { where: node });
}
