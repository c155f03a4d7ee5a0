/** How far a cluster is, as rows for a table: the stages, then the Hail job by worker. Pure. */
import { hostLabel } from "../config/host-label.ts";
import { nameSome } from "./readiness-progress.ts";
import type { Readiness, ReadyStage } from "./readiness.ts";

export type Rows = { header: readonly string[]; rows: string[][] };

const seconds = (value: number): string => `${value.toFixed(1)}s`;

/** A row for each stage, with the nodes that lack something in it, and one for the job. */
export function stageRows({ stages, job }: Readiness): Rows {
  const rows = stages.map(({ stage, state, seconds: time, detail, nodes }) => [
    stage,
    state,
    state === "skipped" ? "" : seconds(time),
    [detail, ...lacking(nodes)].filter(Boolean).join("; "),
  ]);
  const last = ["Hail job", job.state, job.state === "waiting" ? "" : seconds(job.seconds), job.detail];
  return { header: ["STAGE", "STATE", "TIME", "DETAIL"], rows: [...rows, last] };
}

/** A row for each worker. `nodes` are server names, the master's first. */
export function jobRows({ job }: Readiness, nodes: readonly string[]): Rows {
  const ran = new Set(job.hosts);
  const busy = new Set(job.busy);
  const rows = nodes.slice(1).map((name) => {
    const host = hostLabel(name);
    const how = ran.has(host) ? "ran tasks" : busy.has(host) ? "its cores are in use" : "no task yet";
    return [name, job.nodes?.[host] ?? how];
  });
  return { header: ["WORKER", "HAIL JOB"], rows };
}

function lacking(nodes: ReadyStage["nodes"]): string[] {
  const byReason = Map.groupBy(Object.entries(nodes), ([, reason]) => reason);
  return [...byReason].map(([reason, lacks]) => `${nameSome(lacks.map(([host]) => host))}: ${reason}`);
}
