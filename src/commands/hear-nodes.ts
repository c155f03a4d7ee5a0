/** What workers alone know of themselves, heard once the master has nothing more to ask: how their boot went. */
import { setTimeout as sleep } from "node:timers/promises";
import { bootOfReport, lookBoot, type NodeBoot } from "../cluster/node-report.ts";
import { lookCommand } from "../cluster/readiness-problems.ts";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { Nodes, World } from "../world.ts";
import type { Deadline } from "./deadline.ts";
import { inParallel } from "./in-parallel.ts";

/** Nodes at a time: each is a connection through the master. */
const atOnce = 16;
const usualPauseMs = 3_000;
const mostProblems = 8;

type Unwell = Exclude<NodeBoot, { state: "done" }>;
/** Of a node that is not well, or not yet; an error where it cannot be asked. */
type Heard = readonly [name: string, boot: Unwell | HailstackError];

/**
 * Services that work do not show that a worker's cloud-init, settings or extras came to a good end. Extras are waited for.
 * @throws HailstackError (1) naming each worker whose boot failed, did not end in time, or cannot be asked
 */
export async function hearWorkers(
  world: World,
  nodes: Nodes,
  workers: readonly string[],
  options: { deadline: Pick<Deadline, "left">; sameFile: string; pauseMs?: number },
): Promise<void> {
  if (workers.length === 0) return;
  const { deadline, sameFile, pauseMs = usualPauseMs } = options;
  await world.terminal.stage("hearing the workers", async (detail) => {
    let left: readonly string[] = workers;
    const failed: Heard[] = [];
    for (;;) {
      const unwell = await hearAll(nodes, left);
      const isRunning = ([, boot]: Heard) => !(boot instanceof HailstackError) && boot.state === "running";
      const running = unwell.filter(isRunning);
      failed.push(...unwell.filter((one) => !isRunning(one)));
      if (running.length === 0 || deadline.left() < pauseMs) {
        const wrong = [...failed, ...running];
        if (wrong.length > 0) throw new HailstackError(Exit.failed, problemsOf(wrong, sameFile));
        return detail(`${workers.length} of ${workers.length} have booted well`);
      }
      left = running.map(([name]) => name);
      detail(`${workers.length - left.length} of ${workers.length} have booted`);
      await sleep(pauseMs);
    }
  });
}

/** Those of `names` that have not booted well. */
async function hearAll(nodes: Nodes, names: readonly string[]): Promise<Heard[]> {
  const unwell: Heard[] = [];
  await inParallel(names, atOnce, async (name) => {
    const boot = await hear(nodes, name);
    if (boot instanceof HailstackError || boot.state !== "done") unwell.push([name, boot]);
  });
  return unwell;
}

async function hear(nodes: Nodes, name: string): Promise<NodeBoot | HailstackError> {
  try {
    const { code, stdout } = await nodes.run(name, ["sudo", "/usr/libexec/hailstack/report"], { timeoutMs: 60_000 });
    return bootOfReport(code === 0 ? stdout : "");
  } catch (error) {
    if (error instanceof HailstackError) return error;
    throw error;
  }
}

function problemsOf(wrong: readonly Heard[], sameFile: string): Problem[] {
  const told = wrong.slice(0, mostProblems).flatMap(([name, boot]) => {
    if (boot instanceof HailstackError) return boot.problems;
    return [problemOf(name, boot, sameFile)];
  });
  const more = wrong.length - mostProblems;
  if (more <= 0) return told;
  const fix = `mend these first, then: hailstack ready ${sameFile}`;
  return [...told, { slug: "not-ready-boot", message: `boot: ${more} workers more are not well`, fix }];
}

function problemOf(where: string, boot: Unwell, sameFile: string): Problem {
  if (boot.state === "running") {
    const message = `boot: it has not ended in time; it is at: ${boot.at}`;
    return { slug: "not-ready-boot", where, message, fix: lookCommand(where, lookBoot, { sameFile }) };
  }
  const { stage, reason, lines, look } = boot;
  return {
    slug: `not-ready-${stage}`,
    where,
    message: `${stage}: ${reason}`,
    ...(lines.length > 0 ? { excerpt: lines } : {}),
    fix: lookCommand(where, look, { sameFile }),
  };
}
