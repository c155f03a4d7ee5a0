/** What a master's `ready` writes, with only what a test cares for spelled out. */
import type { Readiness, ReadyStage } from "../../src/cluster/readiness.ts";

export const stageOf = (stage: string, given: Partial<ReadyStage> = {}): ReadyStage => ({
  stage,
  state: "passed",
  seconds: 0,
  detail: "",
  nodes: {},
  look: "",
  ...given,
});

export const readiness = (given: Partial<Readiness> = {}): Readiness => ({
  version: 1,
  cluster: "c1",
  round: 1,
  good_rounds: 0,
  state: "forming",
  started: "2026-01-02T03:04:05Z",
  updated: "2026-01-02T03:04:06Z",
  round_seconds: 0.5,
  stages: [],
  job: { state: "waiting", seconds: 0, hosts: [], detail: "" },
  ...given,
});
