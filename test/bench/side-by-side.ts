/** Two ways of doing the same, measured in turns: whatever else the machine does meanwhile slows both. */

/** Milliseconds. */
export type Timing = { ms: number };

export type Compared<A extends Timing, B extends Timing> = {
  /** Median over the pairs of a's time by b's. */
  ratio: number;
  /** Medians, ms. */
  a: number;
  b: number;
  runs: { a: A; b: B }[];
  /** Each pair's ratio, in words: how steady the machine was. */
  pairs: string;
};

/** Runs a and b in `pairs` pairs, every other one the other way round. */
export async function sideBySide<A extends Timing, B extends Timing>(
  pairs: number,
  a: () => Promise<A>,
  b: () => Promise<B>,
): Promise<Compared<A, B>> {
  const runs: { a: A; b: B }[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    if (pair % 2 === 0) {
      const first = await a();
      runs.push({ a: first, b: await b() });
    } else {
      const first = await b();
      runs.push({ b: first, a: await a() });
    }
  }
  const ratios = runs.map((run) => run.a.ms / run.b.ms);
  return {
    ratio: median(ratios),
    pairs: `${ratios.length} pairs, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
    a: median(runs.map((run) => run.a.ms)),
    b: median(runs.map((run) => run.b.ms)),
    runs,
  };
}

/** Of at least one value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].toSorted((one, other) => one - other);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
}

/** `12.3 s` or `45 ms`. */
export const duration = (ms: number): string => (ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`);
