/** What a promise was refused with. */
import { HailstackError, type Problem } from "../../src/errors.ts";

export async function problemOf(work: Promise<unknown>): Promise<Problem & { exitCode: number }> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const [problem] = error instanceof HailstackError ? error.problems : [];
  if (!(error instanceof HailstackError) || !problem) throw new Error(`not refused: ${String(error)}`);
  return { exitCode: error.exitCode, ...problem };
}
