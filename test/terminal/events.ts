/** Shorter ways to write events in tests. */
import type { Operation, Progress } from "../../src/world.ts";

export const started = (stage: string, detail?: string): Progress =>
  detail === undefined
    ? { event: "stage", stage, state: "started" }
    : { event: "stage", stage, state: "started", detail };

export const done = (stage: string, seconds: number): Progress => ({ event: "stage", stage, state: "done", seconds });

export const failed = (stage: string, seconds: number): Progress => ({
  event: "stage",
  stage,
  state: "failed",
  seconds,
});

/** The `step`th of `of` parts of the stage that runs. */
export const part = (
  stage: string,
  step: number,
  of: number,
  state: "started" | "done" | "failed",
  seconds?: number,
): Progress => ({ event: "stage", stage, state, step, of, ...(seconds === undefined ? {} : { seconds }) });

export const server = (
  resource: string,
  state: "started" | "done" | "failed",
  operation: Operation = "create",
): Progress => ({ event: "resource", resource, kind: "server", operation, state });
