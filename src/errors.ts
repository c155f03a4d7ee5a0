/** Everything a user can be told went wrong. Made anywhere, shown only by program.ts. */

/** What a script may rely on (src/README.md, decision 1). */
export const Exit = {
  done: 0,
  /** The operation failed, or was declined at the prompt. */
  failed: 1,
  /** Bad flags, config or environment; nothing was contacted. */
  usage: 2,
  /** Preflight said no; nothing was made. */
  preflight: 3,
  /** The state store or its lock. */
  state: 4,
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof Exit)[keyof typeof Exit];

/** One thing that is wrong, in the words the user will read. */
export type Problem = {
  /** Stable and unique, for scripts and searches: `config-unknown-key`. */
  readonly slug: string;
  /** Lower case, no full stop; names the wrong value unless it may be a secret. */
  readonly message: string;
  /** `file:line:col`, or the resource or node. */
  readonly where?: string;
  /** The last lines of what failed, oldest first, where they tell more than we can. */
  readonly excerpt?: readonly string[];
  /** One command or one edit. */
  readonly fix: string;
};

/** The user's to mend; anything else that is thrown is a bug of ours. */
export class HailstackError extends Error {
  readonly exitCode: ExitCode;
  readonly problems: readonly Problem[];

  constructor(exitCode: ExitCode, problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map((problem) => problem.message).join("; "), options);
    this.name = "HailstackError";
    this.exitCode = exitCode;
    this.problems = problems;
  }
}

/** The short form for the usual case of one problem. */
export function failure(
  exitCode: ExitCode,
  slug: string,
  message: string,
  fix: string,
  more: { where?: string; cause?: unknown } = {},
): HailstackError {
  const problem = more.where === undefined ? { slug, message, fix } : { slug, message, fix, where: more.where };
  return new HailstackError(exitCode, [problem], more.cause === undefined ? undefined : { cause: more.cause });
}
