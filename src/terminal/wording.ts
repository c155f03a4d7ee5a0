/** The sentences of progress that the live and the plain printer share. All ASCII: the locale may be C. */
import type { Progress } from "../world.ts";
import type { Paint } from "./colour.ts";
import { formatProblem } from "./problems.ts";

type Event<Name extends Progress["event"]> = Extract<Progress, { event: Name }>;

/** `0.4s`, `42s`, `3m05s`, `1h02m`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)}s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`;
}

/** `preflight: done in 0.4s, 12 checks`; of one step of several `  3/12 hadoop: done in 42s`. */
export function stageLine({ stage, state, detail, seconds, step, of: total }: Event<"stage">, paint: Paint): string {
  const name = `${step === undefined ? "" : `  ${step}/${total} `}${paint("bold", stage)}`;
  const more = detail === undefined ? "" : `, ${detail}`;
  const time = seconds === undefined ? "" : duration(seconds);
  if (state === "started") return `${name}: started${more}`;
  const ended =
    state === "done"
      ? `${paint("green", "done")}${time && ` in ${time}`}`
      : `${paint("red", "failed")}${time && ` after ${time}`}`;
  return `${name}: ${ended}${more}`;
}

/** `  create server c1-worker-01: done`; undefined for what was only looked at. */
export function resourceLine(event: Event<"resource">, paint: Paint): string | undefined {
  const { operation, kind, resource, state } = event;
  if (operation === "same" || operation === "read") return undefined;
  const word = state === "failed" ? paint("red", state) : state;
  return `  ${operation} ${kind} ${resource}: ${word}`;
}

/** Notes, warnings and errors look the same everywhere; undefined for what each printer shows in its own way. */
export function messageLines(progress: Progress, paint: Paint): string | undefined {
  if (progress.event === "note") return progress.message;
  if (progress.event === "warning" || progress.event === "error") return formatProblem(progress.event, progress, paint);
  return undefined;
}
