/** Watches a cluster form, by what the `ready` of its master says, until it is ready, failed, or time is up. */
import { setTimeout as sleep } from "node:timers/promises";
import { lastLines, whyEnded } from "../cluster/node-answer.ts";
import { lookBoot, wordsOfReport } from "../cluster/node-report.ts";
import type { ClusterNode } from "../cluster/nodes.ts";
import { parseReadiness, readinessBytes, type Readiness } from "../cluster/readiness.ts";
import {
  lackingNodes,
  lookCommand,
  readinessProblems,
  toldStages,
  type NodeWords,
} from "../cluster/readiness-problems.ts";
import { openReadinessProgress } from "../cluster/readiness-progress.ts";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { Nodes, World } from "../world.ts";
import { sameFile } from "./create-text.ts";
import { inMinutes, type Deadline } from "./deadline.ts";
import type { ConfigOptions } from "./open-config.ts";
import { runMasked } from "./masked.ts";
import type { Site } from "./site.ts";

export type FollowTarget = {
  cluster: string;
  /** Server names, the master's first. */
  names: readonly [string, ...string[]];
  /** How a command line that does more with this cluster goes on: `--config c.toml`. */
  sameFile: string;
};

export type FollowOptions = {
  deadline: Pick<Deadline, "left" | "wholeMs">;
  /** Between two looks. */
  pollMs?: number;
  /** Called with each report as it comes, the last one included, however it ends. */
  seen?: (report: Readiness) => void;
  /** The last lines a server wrote to its console, for nodes that nobody gets into. */
  consoleOf?: (node: string) => Promise<string | undefined>;
};

/** Of a node that cannot be reached. */
const consoleAsked = 40;

/** Whom to follow, and how to ask for their consoles; `nodes` are all of the cluster's, the master first. */
export function followed(
  { cloud, cluster }: Pick<Site, "cloud" | "cluster">,
  [master, ...workers]: readonly [ClusterNode, ...ClusterNode[]],
  options: ConfigOptions,
): { target: FollowTarget; consoleOf: (name: string) => Promise<string | undefined> } {
  const names = [master.name, ...workers.map(({ name }) => name)] as const;
  const ids = new Map([master, ...workers].map(({ name, id }) => [name, id]));
  return {
    target: { cluster, names, sameFile: sameFile(options) },
    consoleOf: async (name) => cloud.consoleLog(ids.get(name) ?? "", consoleAsked),
  };
}

const readyFile = "/run/hailstack/ready.json";
const unit = "hailstack-ready.service";
const program = "/usr/libexec/hailstack/ready";
/** A daemon that hangs is given ten seconds, and there are a dozen. */
const roundMs = 180_000;
/** A busy emulated machine takes half a minute to start a small program. */
const askMs = 180_000;
/** Its rounds take seconds, and while a Hail job runs it writes every two: after so long it has died or hangs. */
const silenceMs = 180_000;
/** What passes when a node boots or its network comes; a wrong key or another host key does not. */
export const passing: ReadonlySet<string> = new Set(["ssh-refused", "ssh-timeout", "ssh-lost", "ssh-command-time"]);
const mostAsked = 8;
const consoleLines = 20;

/** How long whoever follows waits, told to the master's own checks, whose deadlines follow it. */
export type Patience = Pick<Deadline, "left"> & {
  /** So many times as long as usual each stage may take; what is less than 1 counts as 1. */
  stretch: number;
};

/** The checks end a little before whoever follows them gives up, so that their last word is heard. */
const aheadMs = 4_000;

/** Asks the cluster about itself from the beginning; what it said before is gone when this returns. */
export async function askAnew(nodes: Nodes, master: string, patience: Patience): Promise<void> {
  await tellPatience(nodes, master, patience);
  const answer = await nodes.run(master, ["sudo", "systemctl", "restart", unit], { timeoutMs: askMs });
  if (answer.code === 0) return;
  throw new HailstackError(Exit.failed, [
    {
      slug: "ready-not-started",
      message: `${unit} cannot be started: ${whyEnded(answer)}`,
      where: master,
      fix: "the image must be one that this hailstack has built: hailstack build-image",
    },
  ]);
}

/**
 * As `askAnew`, unless its answer would be the same: a cluster that was ready passes one round of checks (but no Hail job)
 * again, and one that is being asked goes on.
 */
export async function askUnlessKnown(nodes: Nodes, master: string, cluster: string, patience: Patience): Promise<void> {
  const last = await lookOnce(nodes, master, cluster).catch((error: unknown) => {
    // What cannot be read says nothing, and is written anew.
    const says = error instanceof HailstackError ? error.problems.map(({ slug }) => slug) : ["bug"];
    if (says.every((slug) => slug === "ready-unreadable" || passing.has(slug))) return;
    throw error;
  });
  const isKnown =
    (last?.state === "ready" && (await passesRound(nodes, master))) ||
    (last?.state === "forming" && (await isBeingAsked(nodes, master)));
  return isKnown ? tellPatience(nodes, master, patience) : askAnew(nodes, master, patience);
}

async function passesRound(nodes: Nodes, master: string): Promise<boolean> {
  const { code } = await nodes.run(master, ["sudo", program, "--round"], {
    timeoutMs: roundMs,
    maxBytes: readinessBytes,
  });
  return code === 0;
}

async function isBeingAsked(nodes: Nodes, master: string): Promise<boolean> {
  const command = ["systemctl", "show", "--property=SubState", "--value", unit];
  return (await nodes.run(master, command, { timeoutMs: askMs })).stdout.trim() === "running";
}

/** An image from before there was such a thing keeps its own deadlines. */
async function tellPatience(nodes: Nodes, master: string, { left, stretch }: Patience): Promise<void> {
  const seconds = Math.max(1, Math.round((left() - aheadMs) / 1000));
  const command = ["sudo", program, "--patience", `${seconds}`, `${Math.max(1, stretch)}`];
  await nodes.run(master, command, { timeoutMs: askMs });
}

/**
 * Shows what changes as one stage with a stage for each check within it.
 * @throws HailstackError (1) naming node, stage, reason and last lines of all that is not as it should be
 */
export async function followReady(
  world: World,
  nodes: Nodes,
  target: FollowTarget,
  options: FollowOptions,
): Promise<Readiness> {
  return world.terminal.stage("forming", async (detail) => {
    const watch = await watchRounds(world, nodes, target, options);
    if (watch.last?.state === "ready") {
      detail(`Hail job ran ${watch.last.job.detail} in ${watch.last.job.seconds.toFixed(1)} s`);
      return watch.last;
    }
    throw new HailstackError(Exit.failed, await reasons(world, nodes, target, options, watch));
  });
}

type Watched = { last?: Readiness; trouble?: HailstackError; silent: boolean };

async function watchRounds(
  world: World,
  nodes: Nodes,
  { cluster, names: [master] }: FollowTarget,
  { deadline, pollMs = 2_000, seen }: FollowOptions,
): Promise<Watched> {
  const progress = openReadinessProgress();
  const watched: Watched = { silent: false };
  let heardAt = performance.now();
  for (;;) {
    try {
      const report = await lookOnce(nodes, master, cluster);
      delete watched.trouble;
      if (report) {
        if (report.updated !== watched.last?.updated) heardAt = performance.now();
        watched.last = report;
        seen?.(report);
        for (const one of progress.next(report)) world.terminal.report(one);
      }
    } catch (error) {
      if (!(error instanceof HailstackError) || !error.problems.every(({ slug }) => passing.has(slug))) throw error;
      watched.trouble = error;
    }
    watched.silent = performance.now() - heardAt > silenceMs && watched.trouble === undefined;
    const isOver = watched.silent || deadline.left() < pollMs;
    if (watched.last?.state === "ready" || watched.last?.state === "failed" || isOver) break;
    await sleep(pollMs);
  }
  for (const one of progress.close()) world.terminal.report(one);
  return watched;
}

/** undefined while the master has not begun to look. */
async function lookOnce(nodes: Nodes, master: string, cluster: string): Promise<Readiness | undefined> {
  const answer = await nodes.run(master, ["cat", readyFile], { timeoutMs: 15_000, maxBytes: readinessBytes });
  return answer.code === 0 ? parseReadiness(answer.stdout, cluster) : undefined;
}

/** Nodes that lack something are asked themselves: the master only knows that it does not hear of them. */
async function reasons(
  world: World,
  nodes: Nodes,
  { names, sameFile }: FollowTarget,
  { consoleOf, deadline }: FollowOptions,
  { last, trouble, silent }: Watched,
): Promise<Problem[]> {
  const [master] = names;
  const lacking = last && !trouble ? lackingNodes(last, names) : new Map([[master, ""]]);
  const asked = [...lacking.keys()].filter((name) => names.includes(name)).slice(0, mostAsked);
  const words: Record<string, NodeWords> = {};
  const ask = async (name: string) => {
    const own = await askNode(nodes, name, consoleOf);
    const unit = name === master ? undefined : daemonOf(lacking.get(name));
    words[name] = own.lines.length > 0 || !unit ? own : { ...own, lines: await journalOf(world, nodes, name, unit) };
  };
  await Promise.all(asked.map(ask));
  const late = lateness(master, deadline.wholeMs, silent, sameFile);
  const unreached = trouble?.problems.map((problem) => withWords(problem, words[master])) ?? [];
  if (!last) return [late, ...(unreached.length > 0 ? unreached : [notBegun(master, words[master], sameFile)])];
  const report = trouble ? last : await withJournals(world, nodes, master, last);
  const found = [...unreached, ...readinessProblems(report, { nodes: names, sameFile, words })];
  // The master may also have given up between two rounds that were good.
  return last.state === "failed" && found.length > 0 ? found : [late, ...found];
}

async function askNode(nodes: Nodes, name: string, consoleOf: FollowOptions["consoleOf"]): Promise<NodeWords> {
  try {
    const command = ["sudo", "/usr/libexec/hailstack/report"];
    const { code, stdout, stderr } = await nodes.run(name, command, { timeoutMs: 30_000 });
    return code === 0
      ? wordsOfReport(stdout)
      : { summary: "its own report failed", lines: lastLines(stderr, consoleLines) };
  } catch (error) {
    if (!(error instanceof HailstackError)) throw error;
    const console = await consoleOf?.(name).catch(() => undefined);
    return { summary: `nobody gets in: ${error.message}`, lines: lastLines(console ?? "", consoleLines) };
  }
}

/** The last lines of the daemons that the master itself still waits for; of what has failed it has told them. */
async function withJournals(world: World, nodes: Nodes, master: string, report: Readiness): Promise<Readiness> {
  const told = new Set(toldStages(report));
  const stages = report.stages.map(async (stage) => {
    const { state, look, lines = [], nodes: lacks } = stage;
    const unit = /^journalctl -u ([\w-]+)/.exec(look)?.[1];
    const isMasters = told.has(stage) && state === "waiting" && Object.keys(lacks).length === 0;
    if (!isMasters || !unit || lines.length > 0) return stage;
    return { ...stage, lines: await journalOf(world, nodes, master, unit) };
  });
  return { ...report, stages: await Promise.all(stages) };
}

/** The daemon of a worker whose stage it is. `lack` begins with the stage's name. */
function daemonOf(lack = ""): string | undefined {
  const stage = /^[\w-]+/.exec(lack)?.[0] ?? "";
  const daemons = { hdfs: "hdfs-datanode", yarn: "yarn-nm", spark: "spark-worker", netdata: "netdata" };
  return Object.entries(daemons).find(([name]) => stage === name || stage.startsWith(`${name}-`))?.[1];
}

/** Of a daemon that runs, and may tell what keeps it from its work. */
async function journalOf(world: World, nodes: Nodes, name: string, daemon: string): Promise<string[]> {
  const command = ["journalctl", `--unit=${daemon}.service`, `--lines=${consoleLines}`, "--output=cat", "--no-pager"];
  try {
    const { code, stdout } = await runMasked(world, nodes, name, command, { timeoutMs: 30_000, maxBytes: 65_536 });
    return code === 0 ? lastLines(stdout, consoleLines) : [];
  } catch (error) {
    if (error instanceof HailstackError) return [];
    throw error;
  }
}

const withWords = (problem: Problem, words: NodeWords | undefined): Problem =>
  words && words.lines.length > 0 ? { ...problem, excerpt: words.lines } : problem;

const lateness = (master: string, wholeMs: number, silent: boolean, sameFile: string): Problem => ({
  slug: silent ? "ready-silent" : "ready-deadline",
  message: silent
    ? `the master has not told how far the cluster is for ${silenceMs / 60_000} minutes`
    : `the cluster is not ready after ${inMinutes(wholeMs)}; it is kept, and may still become so`,
  where: master,
  fix: `ask again: hailstack ready ${sameFile}`,
});

const notBegun = (master: string, words: NodeWords | undefined, sameFile: string): Problem => ({
  slug: "not-ready-boot",
  message: `boot: the master has not begun to look at the cluster${words?.summary ? ` (${words.summary})` : ""}`,
  where: master,
  ...(words && words.lines.length > 0 ? { excerpt: words.lines } : {}),
  fix: lookCommand("master", lookBoot, { sameFile }),
});
