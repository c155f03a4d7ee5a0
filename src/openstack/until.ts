/** Waiting for something to become so. */
import type { Wire } from "./wire.ts";

const firstPauseMs = 500;
const maxPauseMs = 5_000;

/** Asks `isSo` at once and then ever more slowly, for at most `timeoutMs`; true when it became so. */
export async function until(wire: Wire, timeoutMs: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const deadline = wire.now() + timeoutMs;
  for (let pause = firstPauseMs; ; pause = Math.min(maxPauseMs, pause * 1.5)) {
    if (await isSo()) return true;
    const left = deadline - wire.now();
    if (left <= 0) return false;
    await wire.sleep(Math.min(pause, left));
  }
}
