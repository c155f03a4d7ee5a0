/** When to strike: at a random time, or just after a random request, so that short phases are met as often as long ones. */
import type { Chance } from "./chance.ts";
import { pause } from "./processes.ts";
import type { Scene, UnderWay } from "./scene.ts";

export type Moment = { afterMs: number } | { afterRequest: number; andMs: number };

/** Every second `number` by the clock, the others by requests. */
export function momentOf(number: number, chance: Chance, run: { ms: number; requests: number }): Moment {
  if (number % 2 === 0) return { afterMs: chance.whole(0, Math.round(run.ms * 1.05)) };
  return { afterRequest: chance.whole(1, run.requests), andMs: chance.whole(0, 40) };
}

export const describeMoment = (moment: Moment): string =>
  "afterMs" in moment ? `after ${moment.afterMs} ms` : `${moment.andMs} ms after request ${moment.afterRequest}`;

/** Waits for it, or for the run's end. @returns the phase it is in: what was asked of the cloud last */
export async function until(moment: Moment, scene: Scene, run: UnderWay, requestsBefore: number): Promise<string> {
  const { journal } = scene.rig.cloud;
  const started = Date.now();
  const isThere = () =>
    "afterMs" in moment
      ? Date.now() - started >= moment.afterMs
      : journal.length - requestsBefore >= moment.afterRequest;
  while (!run.hasEnded() && !isThere()) await pause(3);
  if ("andMs" in moment) await pause(moment.andMs);
  if (run.hasEnded()) return "ended before";
  return phaseOf(run.stderr(), journal.at(-1)?.operation);
}

function phaseOf(stderr: string, operation: string | undefined): string {
  const stage = [...stderr.matchAll(/^([a-z][^:\n]*): started/gm)].at(-1)?.[1];
  if (stage === undefined) return "starting";
  if (!["creating", "destroying"].includes(stage)) return stage;
  return `${stage}: ${operation?.split(".").slice(1, -1).join(".") ?? ""}`;
}
