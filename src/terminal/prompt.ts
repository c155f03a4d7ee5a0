/** Questions to a person, on stderr, so that a redirected stdout holds nothing but the answer. */
import { Exit, failure, type HailstackError } from "../errors.ts";
import type { OutputStream } from "./outlet.ts";

/** What is needed of `process.stdin`. */
export type InputStream = NodeJS.ReadableStream & {
  readonly isTTY?: boolean;
  readonly readableEnded?: boolean;
  readonly destroyed?: boolean;
};

type Asked = { question: string; accepts: (answer: string) => boolean; wanted: string; flag: string };

/**
 * Asks once and returns when the answer is accepted.
 * @throws HailstackError (1) `aborted` for another answer or the end of the input, (130) at Ctrl-C
 */
export async function ask(stdin: InputStream, stderr: OutputStream, asked: Asked): Promise<void> {
  const answer = await readAnswer(stdin, stderr, asked.question);
  if (answer !== undefined && asked.accepts(answer.trim())) return;
  const reason = answer === undefined ? "the input ended before an answer" : `the answer was not ${asked.wanted}`;
  const fix = `run the same command again and answer ${asked.wanted}, or pass ${asked.flag}`;
  throw failure(Exit.failed, "aborted", `aborted: ${reason}`, fix);
}

/** The problem when nobody is there to ask, exit 2. */
export function nobodyToAsk(question: string, flag: string): HailstackError {
  const message = `this needs an answer and there is no terminal to ask: ${question}`;
  return failure(Exit.usage, "no-terminal", message, `pass ${flag} to go on without being asked`);
}

/** undefined when the input ends, also when it ended long ago. */
async function readAnswer(stdin: InputStream, stderr: OutputStream, question: string): Promise<string | undefined> {
  const { createInterface } = await import("node:readline");
  if (stdin.readableEnded === true || stdin.destroyed === true) return undefined;
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: stdin, output: stderr, terminal: stderr.isTTY === true, historySize: 0 });
    const end = (settle: () => void) => {
      settle();
      lines.close();
    };
    const onEnd = () => end(() => resolve(undefined));
    lines.on("close", onEnd);
    // A terminal that went away answers with EIO.
    lines.on("error", onEnd);
    lines.on("SIGINT", () => {
      stderr.write("\n");
      const fix = "run the same command again when you are ready";
      end(() => reject(failure(Exit.interrupted, "interrupted", "interrupted at the prompt", fix)));
    });
    lines.question(question, (answer) => end(() => resolve(answer)));
  });
}
