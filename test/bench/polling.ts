/** How the OpenStack provider waits: its state-change waits all have a delay of 0 and a minimum of 3 s. */

/** ms between two looks: the wait doubles from 0.1 s on, but is never below 3 s nor above 10 s. */
const waits = [3000, 6000, 10_000] as const;
/** What the provider gives a server, ms. */
const patienceMs = 15 * 60_000;

/** Looks at once, then after 3, 6, 10, 10… s until `done`. @throws Error after 15 minutes */
export async function pollAsProvider<T>(look: () => Promise<T>, done: (seen: T) => boolean): Promise<T> {
  const started = Date.now();
  for (let round = 0; ; round += 1) {
    const seen = await look();
    if (done(seen)) return seen;
    if (Date.now() - started > patienceMs) throw new Error(`not done after 15 minutes: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, waits[round] ?? 10_000));
  }
}

/** At most `limit` pieces of work at once, first come first served. */
export function openGate(limit: number) {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async function through<T>(work: () => Promise<T>): Promise<T> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
