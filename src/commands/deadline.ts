/** One deadline for a way of several phases: each gets what the ones before it have left. */
import { Exit, HailstackError, type Problem } from "../errors.ts";

export type Deadline = {
  /** What the whole way was given, for people. */
  readonly wholeMs: number;
  /** Never less than 0. */
  left(): number;
  /** What is left, but no more than `mostMs`; a little even when it is over, for what has begun must be able to answer. */
  atMost(mostMs: number): number;
};

const leastMs = 5_000;

/** `leftMs` from now on; less than `wholeMs` when some of it was spent before. */
export function deadlineIn(leftMs: number, wholeMs = leftMs): Deadline {
  const until = performance.now() + leftMs;
  const left = () => Math.max(0, until - performance.now());
  return { wholeMs, left, atMost: (mostMs) => Math.min(mostMs, Math.max(leastMs, left())) };
}

export type Phase = {
  /** What was going on, as in "time was up while …". */
  doing: string;
  /** The one whose time it was, when no problem names a node. */
  where: string;
  /** The command that goes on. */
  again: string;
};

/**
 * Runs `work` if there is time for it. When it fails and time is up, it is also said that it is, in which phase, and what goes on.
 * @throws what `work` throws, with that beside it
 */
export async function inTime<T>(deadline: Deadline, phase: Phase, work: () => Promise<T>): Promise<T> {
  requireTime(deadline, phase);
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HailstackError) || deadline.left() > 0) throw error;
    throw new HailstackError(error.exitCode, [...error.problems, timeIsUp(deadline, phase)], { cause: error });
  }
}

/** @throws HailstackError (1) when nothing is left */
export function requireTime(deadline: Deadline, phase: Phase): void {
  if (deadline.left() === 0) throw new HailstackError(Exit.failed, [timeIsUp(deadline, phase)]);
}

const timeIsUp = ({ wholeMs }: Deadline, { doing, where, again }: Phase): Problem => ({
  slug: "deadline-forming",
  message: `the ${inMinutes(wholeMs)} of --timeout were over while ${doing}; the cluster is kept`,
  where,
  fix: `mend what is named above, if anything is, and go on: ${again} (--timeout MINUTES gives it longer)`,
});

/** `1 minute`, `1.5 minutes`. */
export function inMinutes(ms: number): string {
  const minutes = Number((ms / 60_000).toFixed(1));
  return `${minutes} minute${minutes === 1 ? "" : "s"}`;
}
