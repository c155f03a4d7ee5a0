/** Work that must not all happen at once. */

export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets `limit` pieces of work in at a time; the others wait in the order they came. */
export function openGate(limit: number): Gate {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (inside >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else inside += 1;
    try {
      return await work();
    } finally {
      // The place is handed on, not given up: nobody who comes meanwhile can take it.
      const next = waiting.shift();
      if (next) next();
      else inside -= 1;
    }
  };
}
