/** Where a run stands, from its events: the stages that run, what is in flight, how much of the plan is done. */
import type { Operation, Progress } from "../world.ts";

export type RunningStage = {
  name: string;
  /** Milliseconds of the monotonic clock. */
  startedAt: number;
  detail?: string;
};
export type InFlight = { name: string; operation: Operation; startedAt: number };

export type Tally = {
  add(progress: Progress): void;
  isRunning(stage: string): boolean;
  /** The stage that started last and still runs. */
  stage(): RunningStage | undefined;
  /** All that run, the outermost first. */
  stages(): readonly RunningStage[];
  /** In the order they began. */
  inFlight(): InFlight[];
  /** How far the plan of the running stage is; undefined without a plan. */
  plan(): { done: number; total: number } | undefined;
};

export function openTally(): Tally {
  const stages: RunningStage[] = [];
  const flying = new Map<string, InFlight>();
  let plan: { done: number; total: number } | undefined;

  function addStage({ stage: name, state, detail, step, of: total }: Extract<Progress, { event: "stage" }>): void {
    const running = stages.find((stage) => stage.name === name);
    if (step !== undefined && total !== undefined) plan = { done: state === "done" ? step : step - 1, total };
    if (state !== "started") {
      if (running) stages.splice(stages.indexOf(running), 1);
      if (stages.length > 0) return;
      plan = undefined;
      flying.clear();
      return;
    }
    const stage: RunningStage = running ?? { name, startedAt: performance.now() };
    if (detail !== undefined) stage.detail = detail;
    if (!running) stages.push(stage);
  }

  function addResource({ resource, kind, operation, state }: Extract<Progress, { event: "resource" }>): void {
    if (operation === "same" || operation === "read") return;
    const key = `${kind} ${resource}`;
    if (state === "started") flying.set(key, { name: key, operation, startedAt: performance.now() });
    else flying.delete(key);
    if (state === "done" && plan) plan.done = Math.min(plan.total, plan.done + 1);
  }

  return {
    add(progress) {
      if (progress.event === "stage") addStage(progress);
      else if (progress.event === "plan") plan = { done: 0, total: progress.total };
      else if (progress.event === "resource") addResource(progress);
    },
    isRunning: (name) => stages.some((stage) => stage.name === name),
    stage: () => stages.at(-1),
    stages: () => stages,
    inFlight: () => [...flying.values()],
    plan: () => plan,
  };
}
