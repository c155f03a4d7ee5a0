/** A cluster that is not ready, as problems: node, stage, reason, last lines, and what to type next. Pure. */
import type { Problem } from "../errors.ts";
import { hostLabel } from "../config/host-label.ts";
import { jobStage, nameSome } from "./readiness-progress.ts";
import type { Readiness, ReadyJob, ReadyStage } from "./readiness.ts";

/** A node's own words, from `/usr/libexec/hailstack/report` or, where nobody gets in, its console. */
export type NodeWords = { readonly summary?: string; readonly lines: readonly string[] };

export type ReadinessContext = {
  /** Server names, the master's first. */
  nodes: readonly string[];
  /** How a command line that does more with this cluster goes on: `--config c.toml`. */
  sameFile: string;
  /** What was learnt of nodes themselves, by server name. */
  words: Readonly<Record<string, NodeWords>>;
};

/** So many nodes of one stage get a problem each; the rest are counted. */
const mostProblems = 8;

/** By server name, what each node lacks in stages that have not passed, the first of them first. */
export function lackingNodes(report: Readiness, nodes: readonly string[]): Map<string, string> {
  const byHost = new Map(nodes.map((name) => [hostLabel(name), name]));
  const found = new Map<string, string>();
  for (const { stage, nodes: lacks } of open(report)) {
    for (const [host, reason] of Object.entries(lacks)) {
      const name = byHost.get(host) ?? host;
      if (!found.has(name)) found.set(name, `${stage}: ${reason}`);
    }
  }
  return found;
}

/**
 * What failed, or, when nothing has failed and time is up, what is still waited for. A stage that only waits for
 * another is that one's matter.
 */
export const readinessProblems = (report: Readiness, context: ReadinessContext): Problem[] =>
  toldStages(report).flatMap((stage) => stageProblems(stage, context));

/** Those that `readinessProblems` tells of, the job as one of them. */
export function toldStages(report: Readiness): ReadyStage[] {
  const rows = open(report);
  const failed = rows.filter(({ state }) => state === "failed");
  return failed.length > 0 ? failed : rows.filter(({ detail }) => !detail.startsWith("after "));
}

/** Stages that have not passed, the job as one of them once it has begun. */
function open({ stages, job }: Readiness): ReadyStage[] {
  const waiting = stages.filter(({ state }) => state === "waiting" || state === "failed");
  return job.state === "running" || job.state === "failed" ? [...waiting, ofJob(job)] : waiting;
}

const ofJob = (job: ReadyJob): ReadyStage => ({
  ...job,
  stage: jobStage,
  state: job.state === "failed" ? "failed" : "waiting",
  nodes: job.nodes ?? {},
  look: "journalctl -u spark-worker -n 50",
});

function stageProblems(stage: ReadyStage, context: ReadinessContext): Problem[] {
  const byHost = new Map(context.nodes.map((name) => [hostLabel(name), name]));
  const [master = "master"] = context.nodes;
  const named = Object.entries(stage.nodes).map(([host, reason]) => [byHost.get(host) ?? host, reason] as const);
  const lacks = named.length > 0 ? named : [[master, stage.detail] as const];
  const told = lacks.slice(0, mostProblems).map(([node, reason]): Problem => {
    const words = context.words[node];
    const excerpt = node === master ? (stage.lines ?? words?.lines) : (words?.lines ?? []);
    const more = words?.summary === undefined ? "" : ` (${words.summary})`;
    return {
      slug: `not-ready-${stage.stage.toLowerCase().replaceAll(" ", "-")}`,
      message: `${stage.stage}: ${reason}${more}`,
      where: node,
      ...(excerpt && excerpt.length > 0 ? { excerpt } : {}),
      fix: lookCommand(node === master ? "master" : node, stage.look, context),
    };
  });
  const rest = lacks.slice(mostProblems).map(([node]) => node);
  return rest.length === 0 ? told : [...told, restProblem(stage, rest, context)];
}

const restProblem = (stage: ReadyStage, rest: readonly string[], { sameFile }: ReadinessContext): Problem => ({
  slug: `not-ready-${stage.stage.toLowerCase().replaceAll(" ", "-")}`,
  message: `${stage.stage}: the same or alike on ${nameSome(rest)}`,
  fix: `hailstack ready ${sameFile}`,
});

/** How to see more of `node`; `look` is the command there, and its journal's warnings when it is empty. */
export const lookCommand = (node: string, look: string, { sameFile }: Pick<ReadinessContext, "sameFile">): string =>
  `look: hailstack ssh ${node} ${sameFile} -- ${look || "journalctl -b -p warning -n 50"}`;
