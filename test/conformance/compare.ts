/** What differs between two recordings, place by place. */
import type { Recorded } from "./normalise.ts";

export type Difference = {
  step: string;
  /** `body.server.config_drive`, `headers.vary`, `status`. */
  path: string;
  real: unknown;
  simulated: unknown;
};

export type Recording = Readonly<Record<string, Recorded>>;

/** Every place where the two are not equal; a step that one of them lacks differs as a whole. */
export function differencesOf(real: Recording, simulated: Recording): Difference[] {
  const steps = new Set([...Object.keys(real), ...Object.keys(simulated)]);
  return [...steps].flatMap((step) =>
    differing(real[step], simulated[step]).map((difference) => ({ step, ...difference })),
  );
}

type Place = Omit<Difference, "step">;

function differing(real: unknown, simulated: unknown, path = ""): Place[] {
  if (JSON.stringify(real) === JSON.stringify(simulated)) return [];
  if (!isContainer(real) || !isContainer(simulated) || Array.isArray(real) !== Array.isArray(simulated)) {
    return [{ path, real, simulated }];
  }
  const keys = new Set([...Object.keys(real), ...Object.keys(simulated)]);
  return [...keys].flatMap((key) => differing(real[key], simulated[key], path === "" ? key : `${path}.${key}`));
}

const isContainer = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
