/** What the fault runs came to, in figures. */
import type { Result } from "./play.ts";

export type Summary = {
  seed: string;
  cases: number;
  broken: number;
  /** How many ended how, by kind. */
  ends: Record<string, Record<string, number>>;
  /** Enough to play each again. */
  odd: { kind: string; number: number; title: string; broken: string[] }[];
};

export function summarise(seed: string, results: readonly Result[]): Summary {
  const ends: Summary["ends"] = {};
  for (const { kind, end } of results) {
    const ofKind = (ends[kind] ??= {});
    ofKind[end] = (ofKind[end] ?? 0) + 1;
  }
  const odd = results
    .filter(({ broken }) => broken.length > 0)
    .map(({ kind, number, title, broken }) => ({ kind, number, title, broken }));
  return { seed, cases: results.length, broken: odd.length, ends, odd };
}
