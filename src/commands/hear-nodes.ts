/** What workers alone know of themselves, heard once the master has nothing more to ask: how their boot went. */
import { setTimeout as sleep } from "node:timers/promises";
import { bootOfReport, type NodeBoot } from "../cluster/node-report.ts";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { Nodes, World } from "../world.ts";
import type { Deadline } from "./deadline.ts";

/** Nodes at a time: each is a connection through the master. */
const atOnce = 16;
const usualPauseMs = 3_000;
const mostProblems = 8;

type Heard = readonly [name: string, boot: NodeBoot | HailstackError];

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
      const heard = await hearAll(nodes, left);
      failed.push(...heard.filter(([, boot]) => boot instanceof HailstackError || boot.state === "failed"));
      const running = heard.filter(([, boot]) => !(boot instanceof HailstackError) && boot.state === "running");
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

async function hearAll(nodes: Nodes, names: readonly string[]): Promise<Heard[]> {
  const waiting = [...names];
  const heard: Heard[] = [];
  const next = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      heard.push([name, await hear(nodes, name)]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, names.length) }, next));
  return heard;
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

function problemOf(where: string, boot: NodeBoot, sameFile: string): Problem {
  const look = (command: string) => `look: hailstack ssh ${where} ${sameFile} -- ${command}`;
  if (boot.state !== "failed") {
    const message = `boot: it has not ended in time; it is at: ${boot.state === "running" ? boot.at : "its end"}`;
    return { slug: "not-ready-boot", where, message, fix: look("sudo tail -n 50 /var/log/hailstack/boot.log") };
  }
  const { stage, reason, lines, look: command } = boot;
  return {
    slug: `not-ready-${stage}`,
    where,
    message: `${stage}: ${reason}`,
    ...(lines.length > 0 ? { excerpt: lines } : {}),
    fix: look(command),
  };
}
