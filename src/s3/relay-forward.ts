/** The relay's way to the store: signed with the real keys, tried again for as long as that may help. */
import type { BucketSettings } from "../world.ts";
import type { Fetch } from "../net/http.ts";
import { exchange, isAway, reasonOf, type Answer, type Question } from "./exchange.ts";
import { openSigner } from "./sign.ts";

export type ForwardOptions = {
  bucket: BucketSettings;
  fetch: Fetch;
  onWaiting(seconds: number): void;
  patienceMs: number;
};

/** How long the store may be silent before a try counts as failed, in ms. */
const quietMs = 30_000;
/** The same for a try that is under way when nobody waits for its answer any more, in ms. */
const lastBreathMs = 5_000;

export function openForwarder({ bucket, fetch, onWaiting, patienceMs }: ForwardOptions) {
  const sign = openSigner(bucket);
  let hurry = new AbortController();

  /** One try; it is cut short when nobody waits for it any more. */
  async function once(question: Question): Promise<Answer | Error> {
    const cut = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const { signal } = hurry;
    const count = () => {
      timer = setTimeout(() => cut.abort(new DOMException("the store fell silent", "TimeoutError")), lastBreathMs);
    };
    if (signal.aborted) count();
    else signal.addEventListener("abort", count, { once: true });
    try {
      const signed = { ...question, headers: await sign(question) };
      return await exchange(fetch, signed, { quietMs, signal: cut.signal });
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", count);
    }
  }

  return {
    /**
     * The store's own answer, or in words why there is none. Goes on trying until patience runs out, `hurry` is called
     * or `wanted` says no.
     */
    async ask(
      question: Question,
      { patient, wanted }: { patient: boolean; wanted(): boolean },
    ): Promise<Answer | string> {
      const started = Date.now();
      for (let attempt = 0; ; attempt += 1) {
        const outcome = await once(question);
        if (!(outcome instanceof Error) && !isAway(question, outcome)) return outcome;
        const waited = Date.now() - started;
        if (!patient || waited > patienceMs || hurry.signal.aborted || !wanted()) return reasonOf(outcome);
        if (attempt > 2) onWaiting(Math.round(waited / 1000));
        await pause(Math.min(250 * 2 ** attempt, 5_000), hurry.signal);
        // An older state must never be sent after a newer one.
        if (!wanted()) return reasonOf(outcome);
      }
    },

    /** What is under way gets one short try more; holds until `relax`. */
    hurry: (): void => hurry.abort(),
    relax(): void {
      hurry = new AbortController();
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
