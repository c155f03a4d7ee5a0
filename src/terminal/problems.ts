/** The words and the shape in which people are told what went wrong. */
import { Exit, type ExitCode, HailstackError, type Problem } from "../errors.ts";
import { cleanLine } from "./clean.ts";
import { openPaint, type Paint } from "./colour.ts";

export type Failure = { readonly exitCode: ExitCode; readonly problems: readonly Problem[] };

/**
 * Two lines: `hailstack: error[slug]: message (where)` and `  fix: …`, with an excerpt between them. They are never
 * wrapped: the terminal does that, and a command copied from it stays one line.
 */
export function formatProblem(kind: "error" | "warning", problem: Problem, paint: Paint = openPaint(false)): string {
  const { slug, message, where, excerpt = [], fix } = problem;
  const label = paint(kind === "error" ? "red" : "yellow", `${kind}[${cleanLine(slug)}]`);
  const place = where === undefined ? "" : ` (${cleanLine(where)})`;
  const quoted = excerpt.map((line) => `\n  | ${cleanLine(line)}`).join("");
  return `hailstack: ${label}: ${cleanLine(message)}${place}${quoted}\n  fix: ${cleanLine(fix)}`;
}

/**
 * What to tell about anything that was thrown. Whatever is not a HailstackError is a bug of ours, exit 1; `report` is
 * the file that holds its stack (bug-report.ts), which is never shown.
 */
export function failureOf(error: unknown, report?: string): Failure {
  if (error instanceof HailstackError) return { exitCode: error.exitCode, problems: error.problems };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : `thrown: ${String(error)}`;
  const attachment = report === undefined ? "" : ` and the file ${report}`;
  const fix = `report it with the command you ran, the output of hailstack --version${attachment}`;
  return { exitCode: Exit.failed, problems: [{ slug: "internal", message: message.slice(0, 500), fix }] };
}

/** Every problem of a failure, one after the other without blank lines. */
export function formatFailure(error: unknown, colours: boolean, report?: string): string {
  const paint = openPaint(colours);
  const { problems } = failureOf(error, report);
  return problems.map((problem) => formatProblem("error", problem, paint)).join("\n");
}
