/** Has a master drain workers, and watches by what its `drain` says until it is done, or HDFS is not in time. */
import { setTimeout as sleep } from "node:timers/promises";
import { drainBytes, drainWords, parseDrain, unfinished, type DrainReport } from "../cluster/drain-report.ts";
import { whyEnded } from "../cluster/node-answer.ts";
import { Exit, failure, HailstackError, type ExitCode, type Problem } from "../errors.ts";
import type { Nodes, World } from "../world.ts";
import { passing } from "./follow-ready.ts";

export type DrainOrder = {
  /** Name of the master's server. */
  master: string;
  /** Host names of the workers that leave. */
  hosts: readonly string[];
  /** How many workers stay. */
  remaining: number;
  minutes: number;
};

export const drainFile = "/var/lib/hailstack/drain.json";
const program = "/usr/libexec/hailstack/drain";
/** It writes every few seconds: after so long it has died or hangs. */
const usualSilenceMs = 180_000;
/** Between two looks, and after how long without news the master is given up. */
type Pace = { pollMs?: number; silenceMs?: number };
/** What a master may take for its last round. */
const graceMs = 120_000;

/** It goes on by itself from here; one that is at it already is given up for this one. @throws HailstackError (1) */
export async function startDrain(nodes: Nodes, { master, hosts, remaining, minutes }: DrainOrder): Promise<void> {
  const copies = String(Math.min(999, Math.max(1, remaining)));
  const seconds = String(Math.ceil(minutes * 60));
  const command = ["sudo", "-n", program, "--start", "--replication", copies, "--deadline", seconds, ...hosts];
  const answer = await nodes.run(master, command, { timeoutMs: 60_000 });
  if (answer.code === 0) return;
  const message = `the workers cannot be drained: ${whyEnded(answer)}`;
  const fix = "the image must be one that this hailstack has built: hailstack build-image";
  throw failure(Exit.failed, "drain-not-started", message, fix, { where: master });
}

/**
 * Shown as one stage. Work that has not ended in time is told as a warning, and left behind.
 * @throws HailstackError (1) naming each worker that HDFS still needs, (130, 143) for a signal: the master goes on then
 */
export async function followDrain(
  world: World,
  nodes: Nodes,
  order: DrainOrder,
  { sameFile, ...pace }: { sameFile: string } & Pace,
): Promise<void> {
  const report = await world.terminal.stage("draining", async (detail) => {
    const last = await watch(world, nodes, order, detail, pace);
    if (last.safe) return last;
    const late = unfinished(last).map((one) => tooLate(one, order, sameFile));
    throw new HailstackError(Exit.failed, late);
  });
  for (const { host, words } of unfinished(report)) {
    world.terminal.report({ event: "warning", ...cutOff(host, words, order.minutes) });
  }
}

async function watch(
  { interrupts }: World,
  nodes: Nodes,
  { master, minutes }: DrainOrder,
  detail: (text: string) => void,
  { pollMs = 2_000, silenceMs = usualSilenceMs }: Pace,
): Promise<DrainReport> {
  // A first signal ends the run between two looks, and not in the middle of a line.
  const stopListening = interrupts.listen(() => {});
  const until = performance.now() + minutes * 60_000 + graceMs;
  let [last, heardAt] = ["", performance.now()];
  try {
    for (;;) {
      const report = await lookOnce(nodes, master);
      if (report && report.updated !== last) {
        [last, heardAt] = [report.updated, performance.now()];
        detail(drainWords(report));
      }
      if (report && report.state !== "draining") return report;
      const signalled = interrupts.exitCode();
      if (signalled !== undefined) throw interrupted(signalled, master);
      const now = performance.now();
      if (now > until || now - heardAt > silenceMs) throw silent(master);
      await sleep(pollMs);
    }
  } finally {
    stopListening();
  }
}

/** undefined while the master cannot be reached, and before its first word. */
async function lookOnce(nodes: Nodes, master: string): Promise<DrainReport | undefined> {
  try {
    const answer = await nodes.run(master, ["cat", drainFile], { timeoutMs: 15_000, maxBytes: drainBytes });
    return answer.code === 0 ? parseDrain(answer.stdout) : undefined;
  } catch (error) {
    if (error instanceof HailstackError && error.problems.every(({ slug }) => passing.has(slug))) return undefined;
    throw error;
  }
}

const tooLate = (
  { host, words }: { host: string; words: string },
  { minutes, master }: DrainOrder,
  sameFile: string,
): Problem => ({
  slug: "drain-deadline",
  message: `${host} is not empty after ${minutes} minutes (${words}); nothing was removed`,
  where: host,
  fix: words.includes("being written")
    ? "end the programs that write these files, and run the same command again; it goes on where it was"
    : `run the same command again, it goes on where it was, perhaps with a longer --drain-timeout; to look: hailstack ssh ${master} ${sameFile} -- cat ${drainFile}`,
});

const cutOff = (host: string, words: string, minutes: number): Problem => ({
  slug: "drain-cut-off",
  message: `${host} still had work after ${minutes} minutes (${words}); it is cut off, and its job does that part again elsewhere`,
  where: host,
  fix: "nothing, if its job goes on; a longer --drain-timeout waits for longer tasks",
});

const interrupted = (code: ExitCode, master: string): HailstackError =>
  failure(
    code,
    "interrupted",
    "stopped by a signal while the workers were drained; the master goes on with it, and nothing was removed",
    "run the same command again; it goes on where it was",
    { where: master },
  );

const silent = (master: string): HailstackError =>
  failure(
    Exit.failed,
    "drain-silent",
    "the master does not tell how far the workers are any more; nothing was removed",
    "run the same command again; it goes on where it was",
    { where: master },
  );
