/** Progress on a terminal: what is finished scrolls up, what runs is redrawn below it. */
import type { Progress } from "../world.ts";
import type { Paint } from "./colour.ts";
import type { Outlet } from "./outlet.ts";
import type { Printer } from "./printer.ts";
import { openRegion, type RegionLine } from "./region.ts";
import { openTally, type RunningStage, type Tally } from "./tally.ts";
import { pad } from "./width.ts";
import { duration, messageLines, resourceLine, stageLine } from "./wording.ts";

const frameMs = 100;
const mostInFlight = 8;
const spinner = ["|", "/", "-", "\\"];

export type Screen = { columns: () => number; rows: () => number };

/** At most ten frames a second, however many events there are. */
export function openLivePrinter(stdout: Outlet, stderr: Outlet, paint: Paint, screen: Screen): Printer {
  const tally = openTally();
  const region = openRegion(stderr, screen.columns);
  let timer: NodeJS.Timeout | undefined;
  let frame = 0;
  let held = false;

  function draw(): void {
    const [stage] = tally.stages();
    if (stage) region.draw(regionLines(tally, stage, spinner[frame++ % spinner.length] ?? "", screen, paint));
    else stop();
  }
  function run(): void {
    if (tally.stage() && !held) timer ??= setInterval(draw, frameMs).unref();
  }
  function stop(): void {
    clearInterval(timer);
    timer = undefined;
    region.clear();
  }
  /** The region comes back with the next frame. */
  function say(outlet: Outlet, text: string | undefined): void {
    if (text === undefined) return;
    region.clear();
    outlet.write(`${text}\n`);
  }

  return {
    show(progress) {
      tally.add(progress);
      say(stderr, lasting(progress, paint));
      if (tally.stage()) run();
      else stop();
    },
    answer: (text) => say(stdout, text),
    result() {},
    suspend() {
      held = true;
      stop();
    },
    resume() {
      held = false;
      run();
    },
  };
}

/** What stays on the screen: ends of stages, failures, messages. */
function lasting(progress: Progress, paint: Paint): string | undefined {
  if (progress.event === "stage") return progress.state === "started" ? undefined : stageLine(progress, paint);
  if (progress.event === "resource") return progress.state === "failed" ? resourceLine(progress, paint) : undefined;
  return messageLines(progress, paint);
}

/** The outermost stage, those within it, what is in flight. Times stand first, where a narrow window does not cut. */
function regionLines(tally: Tally, stage: RunningStage, sign: string, screen: Screen, paint: Paint): RegionLine[] {
  const plan = tally.plan();
  const since = (startedAt: number) => pad(duration((performance.now() - startedAt) / 1000), 6);
  const facts = [since(stage.startedAt), stage.name, plan && bar(plan, screen.columns()), stage.detail];
  const head: RegionLine = {
    plain: `${sign} ${facts.filter(Boolean).join("  ")}`,
    paint: (text) => paint("cyan", text),
  };

  // One row for the head, one for what does not fit, one for the cursor.
  const room = Math.max(0, Math.min(mostInFlight, screen.rows() - 3));
  const inner = tally.stages().slice(1);
  const flying = [
    ...inner.map(({ name, startedAt, detail }) => ({ startedAt, text: [name, detail].filter(Boolean).join("  ") })),
    ...tally.inFlight().map(({ operation, name, startedAt }) => ({ startedAt, text: `${operation} ${name}` })),
  ];
  const body = flying.slice(0, room).map(({ startedAt, text }) => ({ plain: `  ${since(startedAt)}  ${text}` }));
  const rest = flying.length - body.length;
  if (rest > 0) body.push({ plain: `          +${rest} more` });
  return [head, ...body];
}

/** `[#####-----] 12/40`. */
function bar({ done, total }: { done: number; total: number }, columns: number): string {
  const cells = columns < 60 ? 10 : 20;
  const full = total === 0 ? cells : Math.floor((done / total) * cells);
  return `[${"#".repeat(full)}${"-".repeat(cells - full)}] ${done}/${total}`;
}
