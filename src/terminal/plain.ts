/** Progress where nothing can be redrawn: pipes, log files, CI. */
import type { Progress } from "../world.ts";
import type { Paint } from "./colour.ts";
import type { Outlet } from "./outlet.ts";
import type { Printer } from "./printer.ts";
import { openTally, type Tally } from "./tally.ts";
import { duration, messageLines, resourceLine, stageLine } from "./wording.ts";

/** After so long without a line, CI systems and people begin to think that it hangs. */
const silenceMs = 30_000;

/** A line for each stage that starts or ends and each resource that ends, and one every 30 s when there are none. */
export function openPlainPrinter(stdout: Outlet, stderr: Outlet, paint: Paint): Printer {
  const tally = openTally();
  let heartbeat: NodeJS.Timeout | undefined;

  function rest(): void {
    clearTimeout(heartbeat);
    if (tally.stage()) heartbeat = setTimeout(beat, silenceMs).unref();
  }
  function say(line: string | undefined): void {
    if (line !== undefined) stderr.write(`${line}\n`);
  }
  function beat(): void {
    say(stillRunning(tally));
    rest();
  }

  function lineOf(progress: Progress): string | undefined {
    if (progress.event === "stage") {
      const isQuiet = progress.step !== undefined || tally.isRunning(progress.stage);
      return progress.state === "started" && isQuiet ? undefined : stageLine(progress, paint);
    }
    if (progress.event === "resource") return progress.state === "started" ? undefined : resourceLine(progress, paint);
    return messageLines(progress, paint);
  }

  return {
    show(progress) {
      const line = lineOf(progress);
      tally.add(progress);
      say(line);
      if (line !== undefined) rest();
    },
    answer: (text) => stdout.write(`${text}\n`),
    result() {},
    suspend: () => clearTimeout(heartbeat),
    resume: rest,
  };
}

/** `create: still running, 12/40, 3m05s`. */
function stillRunning(tally: Tally): string | undefined {
  const stage = tally.stage();
  const plan = tally.plan();
  if (!stage) return undefined;
  const time = duration((performance.now() - stage.startedAt) / 1000);
  const facts = [plan && `${plan.done}/${plan.total}`, time, stage.detail];
  return `${stage.name}: still running, ${facts.filter(Boolean).join(", ")}`;
}
