/** The cloud's refusals in the middle of a command. */
import { Exit, HailstackError } from "../errors.ts";

/** For what comes after something has been done, when the cloud's refusal is no longer "nothing was made". */
export async function asFailure<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HailstackError) || error.exitCode !== Exit.preflight) throw error;
    throw new HailstackError(Exit.failed, error.problems, { cause: error });
  }
}
