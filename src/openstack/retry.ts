/** When a request is sent again, and after how long. Pure. */
import type { NetworkError, NetworkTroubleKind } from "../net/trouble.ts";

/** What came of one attempt. */
export type Outcome = { status: number; retryAfter: string | null } | NetworkError;

/** Failures before the request left: repeating it is safe whatever it was. */
const notSent: ReadonlySet<NetworkTroubleKind> = new Set(["refused", "unreachable", "name-server"]);

/** How often in all; what is not here is not worth a second try. */
const attempts: Readonly<Partial<Record<NetworkTroubleKind, number>>> = {
  refused: 3,
  unreachable: 2,
  "name-server": 3,
  reset: 5,
  timeout: 2,
  other: 3,
};
const maxAnswers = 6;
const firstPauseMs = 500;
const maxPauseMs = 10_000;
const maxRetryAfterMs = 60_000;

/**
 * Milliseconds to wait before attempt number `attempt` + 1; undefined when it must not be made.
 * @param repeatable doing it twice does no harm: a read or a deletion
 * @param random in [0, 1): spreads the clients of a service that came back
 */
export function pauseBeforeRetry(
  outcome: Outcome,
  attempt: number,
  repeatable: boolean,
  random: number,
  nowMs: number,
): number | undefined {
  const pause = Math.min(maxPauseMs, firstPauseMs * 2 ** (attempt - 1)) * (0.5 + random / 2);
  if ("kind" in outcome) {
    const mayRepeat = repeatable || notSent.has(outcome.kind);
    return mayRepeat && attempt < (attempts[outcome.kind] ?? 1) ? pause : undefined;
  }
  if (attempt >= maxAnswers) return undefined;
  const wish = retryAfterMs(outcome.retryAfter, nowMs);
  // Turned away before anything was done. Old Nova says 413 for 429; a bare 503 may come from a proxy, afterwards.
  const turnedAway = outcome.status === 429 || (wish !== undefined && [413, 503].includes(outcome.status));
  const broken = [500, 502, 503, 504].includes(outcome.status);
  if (!turnedAway && !(broken && repeatable)) return undefined;
  return wish === undefined ? pause : Math.max(pause, Math.min(wish, maxRetryAfterMs));
}

/** Seconds or an HTTP date. */
function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
