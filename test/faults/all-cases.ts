/** Every case there is, kind by kind. */
import { callCases } from "./calls.ts";
import type { FaultCase, Reference } from "./case.ts";
import { destroyInterruptCases, interruptCases } from "./interrupts.ts";
import { destroyKillCases, killCases } from "./kills.ts";
import type { Options } from "./options.ts";
import { outageCases } from "./outages.ts";

/** Those that the options choose, of the same kinds and chances for the same seed. */
export function chosenCases({ seed, only, match, cases, number }: Options, reference: Reference): FaultCase[] {
  const kinds: Record<string, () => FaultCase[]> = {
    outage: () => outageCases(seed, reference, 5),
    int: () => interruptCases(seed, reference, 60, false),
    "int-twice": () => interruptCases(seed, reference, 15, true),
    kill: () => killCases(seed, reference, 60),
    "destroy-int": () => destroyInterruptCases(seed, reference, 20),
    "destroy-kill": () => destroyKillCases(seed, reference, 20),
    calls: () => callCases(reference),
  };
  const unknown = only.filter((kind) => !(kind in kinds));
  if (unknown.length > 0)
    throw new TypeError(`no kind ${unknown.join(", ")}; there are: ${Object.keys(kinds).join(", ")}`);
  return Object.entries(kinds)
    .filter(([kind]) => only.length === 0 || only.includes(kind))
    .flatMap(([, make]) => {
      const all = make().filter(({ title }) => match.test(title));
      if (number !== undefined) return all.filter((one) => one.number === number);
      return all.length <= cases
        ? all
        : Array.from({ length: cases }, (_, index) => nth(all, (index * all.length) / cases));
    });
}

function nth<T>(all: readonly T[], place: number): T {
  const found = all[Math.floor(place)];
  if (found === undefined) throw new Error(`there is no number ${place}`);
  return found;
}
