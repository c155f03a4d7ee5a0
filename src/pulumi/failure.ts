/** Why an engine run failed, as one of our errors. */
import { Exit, type ExitCode, failure, HailstackError, type Problem } from "../errors.ts";
import type { StoreTrouble } from "../s3/relay.ts";
import { EngineFailure } from "./engine.ts";

export type Told = { resource: string; message: string };
export type RunEnd = {
  /** What the engine said of single resources. */
  told: readonly Told[];
  /** Exit code of the signal that asked us to stop. */
  signalled: ExitCode | undefined;
  /** The deadline that asked us to stop, in minutes. */
  overdueMinutes: number | undefined;
  store: StoreTrouble;
};

/** What happened decides, never the engine's wording. */
export function explainFailure(error: unknown, { told, signalled, overdueMinutes, store }: RunEnd): Error {
  if (store.kept !== undefined) {
    const message = `the state store stopped taking the state; the last one is kept in ${store.kept}`;
    const fix = "when the store is back, 'hailstack unlock' puts it there and releases the lock; then run this again";
    return failure(Exit.state, "state-not-saved", message, fix, { cause: error });
  }
  if (signalled !== undefined) return interrupted(signalled);
  if (store.lockGone) {
    const message = "somebody else released this run's lock while it was running; what was made so far is recorded";
    const fix = "make sure that nobody else is changing the cluster, then run the same command again";
    return failure(Exit.state, "lock-lost", message, fix, { cause: error });
  }
  if (store.away !== undefined) {
    const message = `the state store was lost in the middle: ${store.away}; what was made so far is recorded`;
    const fix =
      "when the store is back, run the same command again; if it is locked then, 'hailstack unlock' releases it";
    return failure(Exit.state, "store-lost", message, fix, { cause: error });
  }
  if (overdueMinutes !== undefined) {
    const message = `not done after ${overdueMinutes} minutes; what was made so far is recorded`;
    return failure(Exit.failed, "deadline", message, "run the same command again to go on, with a longer --timeout", {
      cause: error,
    });
  }
  const reasons = reasonsOf(error, told);
  if (reasons.length === 0) return error instanceof Error ? error : new Error(String(error));
  return new HailstackError(Exit.failed, reasons.map(problemOf), { cause: error });
}

/** What was said of single resources, else whatever was said; nothing when the engine did not even fail. */
function reasonsOf(error: unknown, told: readonly Told[]): readonly Told[] {
  // The provider and the engine each tell of a failed resource; the engine only wraps the provider's words.
  const aboutResources = told.filter(
    ({ resource }, index) => resource !== "" && told.findIndex((one) => one.resource === resource) === index,
  );
  if (aboutResources.length > 0) return aboutResources;
  if (told.length > 0) return told;
  return error instanceof EngineFailure ? [{ resource: "", message: lastWords(error) }] : [];
}

function problemOf({ resource, message }: Told): Problem {
  return {
    slug: "cloud-operation",
    message: plainWords(message),
    ...(resource ? { where: resource } : {}),
    fix: "mend the cause and run the same command again: it goes on where this one stopped",
  };
}

/** Without where in the provider's source it was said. At most 600 characters. */
const plainWords = (message: string): string =>
  message
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^\S+\.go:\d+: \S+: /, "")
    .replace(/: provider=\S+$/, "")
    .replace(/\.? last error: %!s\(<nil>\)/, "")
    .slice(0, 600);

function interrupted(exitCode: ExitCode): HailstackError {
  return failure(
    exitCode,
    "interrupted",
    "stopped by a signal; what was made so far is recorded",
    "run the same command again to go on, or 'hailstack destroy' to remove it",
  );
}

/** An engine that ends before it has touched anything says why in its last line about an error. */
const lastWords = ({ output, message }: EngineFailure): string =>
  output.split("\n").findLast((line) => /error/i.test(line)) ?? message;
