/** Ctrl-C and its relatives, over the signals of this process. */
import { Exit, type ExitCode } from "../errors.ts";
import type { Interrupts } from "../world.ts";

/** A closed terminal is the user going away, like Ctrl-C; SIGTERM is the system's wish, and scripts tell them apart. */
const exitCodes = {
  SIGINT: Exit.interrupted,
  SIGHUP: Exit.interrupted,
  SIGTERM: Exit.terminated,
} as const satisfies Partial<Record<NodeJS.Signals, ExitCode>>;

type Interrupt = keyof typeof exitCodes;
/** The part of `process` that is needed here. */
type SignalSource = {
  on(signal: Interrupt, heard: (signal: Interrupt) => void): unknown;
  exit(code: number): unknown;
};

/**
 * Takes over SIGINT, SIGTERM and SIGHUP. Without a listener the first one ends the process, silently, with 130
 * (SIGINT, SIGHUP) or 143 (SIGTERM); exit handlers run, so the terminal and private folders are put in order.
 */
export function openInterrupts(source: SignalSource = process): Interrupts {
  const listeners = new Set<{ heard: (count: number, signal: NodeJS.Signals) => void }>();
  let count = 0;
  let first: Interrupt | undefined;

  const receive = (signal: Interrupt) => {
    count += 1;
    first ??= signal;
    if (listeners.size === 0) source.exit(exitCodes[first]);
    for (const listener of listeners) listener.heard(count, signal);
  };
  for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) source.on(signal, receive);

  return {
    listen(heard) {
      const listener = { heard };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    exitCode: () => (first === undefined ? undefined : exitCodes[first]),
  };
}
