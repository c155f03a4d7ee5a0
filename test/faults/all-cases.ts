/** Every case there is, kind by kind. */
import { callCases, silenceCases } from "./calls.ts";
import type { FaultCase, Reference } from "./case.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { destroyInterruptCases, interruptCases } from "./interrupts.ts";
import { destroyKillCases, killCases } from "./kills.ts";
import type { Options } from "./options.ts";
import { outageCases } from "./outages.ts";

/** Those that the options choose, in an order and with chances that follow from the seed. */
export function chosenCases({ seed, only, match, cases, number }: Options, reference: Reference): FaultCase[] {
  const kinds: Record<string, () => FaultCase[]> = {
    outage: () => outageCases(seed, reference, 5),
    int: () => interruptCases(seed, reference, 60, false),
    "int-twice": () => interruptCases(seed, reference, 15, true),
    kill: () => killCases(seed, reference, 60),
    "destroy-int": () => destroyInterruptCases(seed, reference, 20),
    "destroy-kill": () => destroyKillCases(seed, reference, 20),
    calls: () => callCases(reference),
    silence: () => silenceCases(reference),
  };
  const unknown = only.filter((kind) => !(kind in kinds));
  if (unknown.length > 0)
    throw new TypeError(`no kind ${unknown.join(", ")}; there are: ${Object.keys(kinds).join(", ")}`);
  const chosen = Object.entries(kinds)
    .filter(([kind]) => only.length === 0 || only.includes(kind))
    .flatMap(([kind, make]) => {
      const all = make().filter(({ title }) => match.test(title));
      if (number !== undefined) return all.filter((one) => one.number === number);
      return shuffled(all, chanceOf(`${seed}/${kind}`)).slice(0, cases);
    });
  // However early it is stopped, what was played is a fair sample.
  return shuffled(chosen, chanceOf(seed));
}

function shuffled<T>(items: readonly T[], chance: Chance): T[] {
  return items
    .map((item) => ({ item, place: chance.fraction() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
