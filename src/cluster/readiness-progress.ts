/** From one report of a forming cluster to the next: what there is to tell. Remembers what was told, nothing else. */
import type { Progress } from "../world.ts";
import type { Readiness, ReadyJob, ReadyStage } from "./readiness.ts";

export const jobStage = "Hail job";
/** So many nodes are named in one line. */
const mostNamed = 4;

export type ReadinessProgress = {
  /** What is new in `report`; nothing when it says what the last one said. */
  next(report: Readiness): Progress[];
  /** Ends the stages that still wait, each with what it waited for. */
  close(): Progress[];
};

type Row = Pick<ReadyStage, "stage" | "state" | "detail" | "nodes" | "seconds">;

export function openReadinessProgress(): ReadinessProgress {
  const told = new Map<string, Row>();
  const lacks = new Set<string>();
  let total = 0;

  const settled = (): number => [...told.values()].filter(({ state }) => state !== "waiting").length;

  function eventsOf(row: Row): Progress[] {
    const before = told.get(row.stage);
    told.set(row.stage, row);
    if (row.state !== "waiting") {
      const ended = row.state === "passed" ? "done" : "failed";
      return before?.state === row.state ? [] : [stageEvent(row, ended, settled(), total)];
    }
    const fell = before !== undefined && before.state !== "waiting";
    const isNews = before?.state !== "waiting" || before.detail !== row.detail;
    return [
      ...(fell ? [note(`${row.stage} is not well any more: ${row.detail}`)] : []),
      ...(isNews ? [stageEvent(row, "started", Math.min(settled() + 1, total), total)] : []),
      ...newLacks(row, lacks),
    ];
  }

  return {
    next({ stages, job }) {
      const rows = [...stages.filter(({ state }) => state !== "skipped"), ...jobRow(job)];
      total = rows.length + (job.state === "waiting" ? 1 : 0);
      return rows.flatMap(eventsOf);
    },
    close: () =>
      [...told.values()]
        .filter(({ state }) => state === "waiting")
        .map((row) => stageEvent(row, "failed", total, total)),
  };
}

/** The job as one more stage, from its start on. */
function jobRow(job: ReadyJob): Row[] {
  if (job.state === "waiting") return [];
  return [{ ...job, stage: jobStage, state: job.state === "running" ? "waiting" : job.state, nodes: job.nodes ?? {} }];
}

const stageEvent = (
  { stage, detail, seconds }: Row,
  state: "started" | "done" | "failed",
  step: number,
  of: number,
): Progress => ({
  event: "stage",
  stage,
  state,
  ...(detail === "" ? {} : { detail }),
  ...(state === "started" ? {} : { seconds }),
  step,
  of,
});

/** Counts and times change with every round: what a node lacks is told once, in the words of its first time. */
function newLacks({ stage, nodes }: Row, lacks: Set<string>): Progress[] {
  const byReason = new Map<string, string[]>();
  for (const [node, reason] of Object.entries(nodes)) {
    const key = `${stage} ${node} ${reason.replaceAll(/\d+/g, "#")}`;
    if (lacks.has(key)) continue;
    lacks.add(key);
    byReason.set(reason, [...(byReason.get(reason) ?? []), node]);
  }
  return [...byReason].map(([reason, names]) => note(`  ${stage}: ${nameSome(names)}: ${reason}`));
}

const note = (message: string): Progress => ({ event: "note", message });

/** `c1-worker-01, c1-worker-02 and 998 more`. */
export function nameSome(names: readonly string[]): string {
  const rest = names.length - mostNamed;
  return rest > 1 ? `${names.slice(0, mostNamed).join(", ")} and ${rest} more` : names.join(", ");
}
