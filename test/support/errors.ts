/** What a refusal says, as tests compare it. */
import { HailstackError, type Problem } from "../../src/errors.ts";

export type Refusal = { exitCode: number; problems: readonly Problem[] };

/** The error that `work` must end with. @throws Error when it ends well, or with a bug */
export async function refusalOf(work: Promise<unknown> | (() => unknown)): Promise<Refusal> {
  const error = await Promise.resolve()
    .then(() => (typeof work === "function" ? work() : work))
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  if (!(error instanceof HailstackError)) throw new Error("it was not refused", { cause: error });
  return { exitCode: error.exitCode, problems: error.problems };
}

/** The same when there is one problem: exit code, slug and message. */
export async function refusedWith(work: Promise<unknown> | (() => unknown)): Promise<[number, string, string]> {
  const { exitCode, problems } = await refusalOf(work);
  const [problem] = problems;
  if (!problem || problems.length > 1) throw new Error(`it was refused with ${problems.length} problems`);
  return [exitCode, problem.slug, problem.message];
}
