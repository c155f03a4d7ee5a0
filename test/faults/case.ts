/** One thing that goes wrong once, and what must come of it. */
import type { Gate } from "./gate.ts";
import type { Scene, SceneOptions } from "./scene.ts";
import type { Whole } from "./ways-out.ts";

/** What every case starts from: a good create and a good destroy, measured under this machine's load. */
export type Reference = {
  whole: Whole;
  /** The requests of the create, in the order in which they came. */
  operations: readonly string[];
  createMs: number;
  /** How many requests a destroy makes, and how long it takes. */
  destroyRequests: number;
  destroyMs: number;
};

export type FaultCase = {
  kind: string;
  /** From 0 within its kind: with the seed of the whole run it decides all chances. */
  number: number;
  /** What goes wrong. */
  title: string;
  scene?: Pick<SceneOptions, "delays" | "env">;
  /** Plays it, `gate` before the state store; broken promises go to the scene. @returns how it ended, in a few words */
  play(scene: Scene, gate: Gate): Promise<string>;
};

/** Builds in the cloud take a while, so that a run can be cut off in the middle of each. */
export const slowly = { build: 500, volume: 300, attach: 300, delete: 300 };
