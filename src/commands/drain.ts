/** Emptying the workers that a `create` is about to remove, while they and their master are there. */
import { leavingServers } from "../cluster/changes.ts";
import { asMade, type NodeInputs } from "../cluster/node-view.ts";
import { machinesOf } from "../cluster/machines.ts";
import { nodeFiles } from "../cluster/node-files.ts";
import { addressesOf, type Outputs } from "../cluster/outputs.ts";
import { masterOf, planCluster, workersOf } from "../cluster/plan.ts";
import { sizingOf } from "../cluster/sizing.ts";
import { HailstackError, type Problem } from "../errors.ts";
import type { Change, World } from "../world.ts";
import { sameFile } from "./create-text.ts";
import type { CreateOptions } from "./create-command.ts";
import type { Draft } from "./draft.ts";
import { followDrain, startDrain } from "./follow-drain.ts";
import { handOver } from "./hand-over.ts";
import { reachNodes } from "./reach.ts";
import type { Site } from "./site.ts";

/** A master that has been up for long answers at once, or needs somebody to look at it. */
const reachMs = 120_000;

type Options = Pick<CreateOptions, "wait" | "sshKey" | "drainTimeout" | "config" | "dotenv">;

/**
 * Nothing is removed here. Workers that are gone already, and those that never became part of the cluster, have nothing
 * to lose; with `--no-wait` none is drained, and a warning says what that means.
 * @throws HailstackError (1) when the master cannot be reached, or HDFS still needs one of them when time is up; the next
 * run goes on
 */
export async function drainLeaving(
  world: World,
  site: Site,
  draft: Draft,
  changes: readonly Change[],
  options: Options,
): Promise<void> {
  const outputs = site.state?.outputs;
  const lost = new Set([...draft.missing, ...draft.unfinished].map(({ name }) => name));
  const names = leavingServers(changes).filter((name) => outputs?.worker_names.includes(name) && !lost.has(name));
  if (!outputs || names.length === 0) return;
  if (!options.wait) return world.terminal.report({ event: "warning", ...notDrained(names) });

  const inputs = inputsNow(site, draft, outputs);
  const hosts = workersOf(inputs.plan).flatMap(({ name, hostname }) => (names.includes(name) ? [hostname] : []));
  const master = masterOf(inputs.plan);
  const nodes = await told(names, () =>
    reachNodes(world, site, { sshKey: options.sshKey, only: [], timeoutMs: reachMs }),
  );
  try {
    const files = nodeFiles({ ...inputs, draining: hosts }, addressesOf(outputs, master.name), "ssh");
    const order = {
      master: master.name,
      hosts,
      remaining: workersOf(draft.plan).length,
      minutes: options.drainTimeout,
    };
    await told(names, async () => {
      await handOver(world, nodes, [master], files);
      await startDrain(nodes, order);
    });
    await followDrain(world, nodes, order, { sameFile: sameFile(options) });
  } finally {
    await nodes.close();
  }
}

/** What the nodes' files are made from as long as every worker is there: only who leaves differs from what they have. */
function inputsNow({ loaded }: Site, draft: Draft, outputs: Outputs): NodeInputs {
  if (!loaded.bundle) throw new Error("create loads its config with a bundle");
  const cluster = { ...loaded.config.cluster, num_workers: outputs.num_workers };
  const config = { ...loaded.config, cluster };
  const plan = planCluster(config, loaded.bundle, draft.plan.cluster_id, draft.plan.spread);
  return asMade({ ...draft.inputs, plan, config, sizing: sizingOf(machinesOf(plan, draft.facts)) }, outputs);
}

/** Runs `work`; where it fails it is also said that nothing was removed, and which way there is without the master. */
async function told<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HailstackError)) throw error;
    throw new HailstackError(error.exitCode, [...error.problems, undrained(names)], { cause: error });
  }
}

const undrained = (names: readonly string[]): Problem => ({
  slug: "drain-impossible",
  message: `${names.join(", ")} cannot be drained without the master, and nothing was removed`,
  where: names[0] ?? "",
  fix: "mend the master and run the same command again; to remove them with what is on their disks: --yes --no-wait",
});

function notDrained(names: readonly string[]): Problem {
  const [goes, it, has] = names.length === 1 ? ["goes", "it", "has"] : ["go", "they", "have"];
  return {
    slug: "not-drained",
    message: `${names.join(", ")} ${goes} without being drained: blocks of HDFS that ${it} alone ${has} are lost, and work on ${it === "it" ? it : "them"} is cut off`,
    where: names[0] ?? "",
    fix: "leave out --no-wait, and blocks and work move to the other workers first",
  };
}
