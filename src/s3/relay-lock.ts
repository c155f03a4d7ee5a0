/**
 * Whether the stack's lock is still the engine's. The engine never looks again, and nothing keeps others from removing
 * it: `pulumi cancel`, or an `unlock` on another machine. Two runs would then change one cluster.
 */
import type { Answer, Question } from "./exchange.ts";

export type LockWatchOptions = {
  bucket: string;
  /** The store's answer, or in words why there is none. */
  ask(question: Question): Promise<Answer | string>;
  /** The lock is another's to take: called once. */
  onGone(): void;
  /** How long a look holds good, in ms. */
  everyMs: number;
};

export function openLockWatch({ bucket, ask, onGone, everyMs }: LockWatchOptions) {
  const locks = `/${bucket}/.pulumi/locks/`;
  let lock: URL | undefined;
  let lookedAt = 0;

  return {
    /** Hears each request before it goes to the store. */
    sending({ method, url }: Question): void {
      if (method === "DELETE" && url.pathname === lock?.pathname) lock = undefined;
    },

    /** Hears what the store said to it. */
    answered({ method, url }: Question, { status }: Answer): void {
      if (method !== "PUT" || status >= 300 || !url.pathname.startsWith(locks)) return;
      lock = url;
      lookedAt = Date.now();
    },

    /** Looks, unless it did a moment ago; a store that does not answer has taken nothing away. */
    async look(): Promise<void> {
      const watched = lock;
      if (watched === undefined || Date.now() - lookedAt < everyMs) return;
      lookedAt = Date.now();
      const url = new URL(watched.pathname, watched);
      const answer = await ask({ method: "HEAD", url, headers: {}, body: new Uint8Array() });
      // The engine may have let go of it itself meanwhile.
      if (lock !== watched || typeof answer === "string" || answer.status !== 404) return;
      lock = undefined;
      onGone();
    },
  };
}
