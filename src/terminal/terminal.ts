/** `Terminal` over the three standard streams: stdout gets the answer, stderr everything else. */
import type { Env, Progress, Terminal } from "../world.ts";
import { cleanLine, cleanProgress, cleanText } from "./clean.ts";
import { openPaint, wantsColour } from "./colour.ts";
import { openJsonPrinter } from "./json.ts";
import { openLivePrinter, type Screen } from "./live.ts";
import { createMask, type Mask } from "./mask.ts";
import { openOutlet, type Outlet, type OutputStream } from "./outlet.ts";
import { openPlainPrinter } from "./plain.ts";
import type { Printer } from "./printer.ts";
import { table } from "./table.ts";
import { ask, type InputStream, nobodyToAsk } from "./prompt.ts";

export type TerminalOptions = {
  stdin: InputStream;
  stdout: OutputStream;
  stderr: OutputStream;
  /** CI, TERM, COLUMNS, NO_COLOR and FORCE_COLOR are read. */
  env: Env;
  /** What `hide` adds to, for those who write elsewhere too (bug-report.ts); default: its own. */
  mask?: Mask;
};

type Asking = { question: string; flag: string; wanted: string; accepts: (answer: string) => boolean };

/** `options` may be `process` itself; its stdin is only opened to ask, or when somebody asks whether that is possible. */
export function openTerminal(options: TerminalOptions): Terminal {
  const { stdout, stderr, env, mask = createMask() } = options;
  const isCi = !["", "0", "false", undefined].includes(env["CI"]);
  const isInteractive = () => stderr.isTTY === true && !isCi && options.stdin.isTTY === true;
  const out = openOutlet(stdout, mask);
  const err = openOutlet(stderr, mask);
  const people = printerForPeople(out, err, options, isCi);
  let printer: Printer = people;

  /** Masked before it is cut to the screen's width, and again in case a secret only shows once escapes are gone. */
  const safeLine = (text: string) => mask.apply(cleanLine(mask.apply(text)));
  const safeText = (text: string) => mask.apply(cleanText(mask.apply(text)));

  function report(progress: Progress): void {
    // JSON escapes what it must and loses nothing, so machines get the text as it came.
    printer.show(printer === people ? cleanProgress(progress, safeLine) : progress);
  }

  async function askPerson({ question, flag, ...asked }: Asking): Promise<void> {
    const shown = safeLine(question);
    if (!isInteractive()) throw nobodyToAsk(shown, flag);
    printer.suspend();
    try {
      await ask(options.stdin, stderr, { ...asked, flag, question: `${shown} ` });
    } finally {
      printer.resume();
    }
  }

  return {
    get interactive() {
      return isInteractive();
    },
    print: (text) => printer.answer(safeText(text).trimEnd()),
    shown: safeText,
    table: (rows, header) => table(rows, { header }),
    result: (value) => printer.result(value),
    report,
    stage: (name, work) => runStage(name, work, report),
    hide: (secrets) => mask.add(secrets),
    useJson() {
      people.suspend();
      printer = openJsonPrinter(out);
    },
    ...questions(askPerson),
  };
}

function printerForPeople(out: Outlet, err: Outlet, { stderr, env }: TerminalOptions, isCi: boolean): Printer {
  const isTerminal = stderr.isTTY === true;
  const paint = openPaint(wantsColour(env, isTerminal));
  const isLive = isTerminal && !isCi && env["TERM"] !== "dumb";
  return isLive ? openLivePrinter(out, err, paint, screenOf(stderr, env)) : openPlainPrinter(out, err, paint);
}

function questions(askPerson: (asking: Asking) => Promise<void>): Pick<Terminal, "confirm" | "confirmByTyping"> {
  return {
    confirm: (question, flag) =>
      askPerson({ question: `${question} [y/N]`, flag, wanted: "y", accepts: (answer) => /^y(es)?$/i.test(answer) }),
    confirmByTyping: (name, question, flag) =>
      askPerson({
        question: `${question} Type the cluster name to confirm:`,
        flag,
        wanted: name,
        accepts: (answer) => answer === name,
      }),
  };
}

async function runStage<T>(
  stage: string,
  work: (detail: (text: string) => void) => Promise<T>,
  report: (progress: Progress) => void,
): Promise<T> {
  const startedAt = performance.now();
  let last: { detail?: string } = {};
  const end = (state: "done" | "failed") => {
    const seconds = Math.round(performance.now() - startedAt) / 1000;
    report({ event: "stage", stage, state, seconds, ...last });
  };
  report({ event: "stage", stage, state: "started" });
  try {
    const value = await work((detail) => {
      last = { detail };
      report({ event: "stage", stage, state: "started", detail });
    });
    end("done");
    return value;
  } catch (error) {
    end("failed");
    throw error;
  }
}

/** COLUMNS may narrow the window but not widen it: lines that the terminal breaks cannot be redrawn. */
function screenOf(stream: OutputStream, env: Env): Screen {
  const wanted = Number(env["COLUMNS"]);
  return {
    columns: () => {
      const real = stream.columns || 80;
      return Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, real) : real;
    },
    rows: () => stream.rows || 24,
  };
}
