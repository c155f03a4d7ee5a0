import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openTerminal } from "../../src/terminal/terminal.ts";
import { duration } from "../../src/terminal/wording.ts";
import { done, failed, part, server, started } from "./events.ts";
import { FakePipe } from "./screen.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function onPipes(env = {}) {
  const [stdout, stderr] = [new FakePipe(), new FakePipe()];
  return { stdout, stderr, terminal: openTerminal({ stdin: process.stdin, stdout, stderr, env }) };
}

test("stages and finished resources get a line each, on stderr", () => {
  const { stdout, stderr, terminal } = onPipes();

  terminal.report(started("create"));
  terminal.report({ event: "plan", total: 3 });
  terminal.report(server("c1-master", "started"));
  terminal.report(server("c1-network", "done", "same"));
  terminal.report(server("c1-image", "done", "read"));
  terminal.report(server("c1-master", "done"));
  terminal.report(server("c1-worker-01", "failed"));
  terminal.report(failed("create", 65));

  expect(stderr.lines()).toEqual([
    "create: started",
    "  create server c1-master: done",
    "  create server c1-worker-01: failed",
    "create: failed after 1m05s",
  ]);
  expect(stdout.text).toBe("");
});

test("after 30 s of silence in a stage a line says that it still runs, and again after each 30 s", () => {
  const { stderr, terminal } = onPipes();
  terminal.report(started("create"));
  terminal.report({ event: "plan", total: 40 });
  terminal.report(server("c1-master", "done"));

  vi.advanceTimersByTime(29_900);
  expect(stderr.lines()).toHaveLength(2);
  vi.advanceTimersByTime(200);
  terminal.report(started("create", "waiting for c1-worker-03"));
  vi.advanceTimersByTime(30_000);

  expect(stderr.lines().slice(2)).toEqual([
    "create: still running, 1/40, 30s",
    "create: still running, 1/40, 1m00s, waiting for c1-worker-03",
  ]);
});

test("a line of any kind puts the next heartbeat off, and there is none between stages", () => {
  const { stderr, terminal } = onPipes();
  terminal.report(started("create"));
  vi.advanceTimersByTime(20_000);
  terminal.report({ event: "note", message: "a note" });
  vi.advanceTimersByTime(20_000);
  terminal.report(done("create", 40));
  vi.advanceTimersByTime(120_000);

  expect(stderr.lines()).toEqual(["create: started", "a note", "create: done in 40s"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("the parts of a stage get a line when they end, and count for the heartbeat", () => {
  const { stderr, terminal } = onPipes();
  terminal.report(started("running the scripts"));
  terminal.report(part("base", 1, 3, "started"));
  terminal.report(part("base", 1, 3, "done", 12));
  terminal.report(part("java", 2, 3, "started"));
  vi.advanceTimersByTime(30_000);
  terminal.report(part("java", 2, 3, "failed", 30.2));
  terminal.report(failed("running the scripts", 42));

  expect(stderr.lines()).toEqual([
    "running the scripts: started",
    "  1/3 base: done in 12s",
    "java: still running, 1/3, 30s",
    "  2/3 java: failed after 30s",
    "running the scripts: failed after 42s",
  ]);
});

test("events that print nothing do not put it off", () => {
  const { stderr, terminal } = onPipes();
  terminal.report(started("create"));
  vi.advanceTimersByTime(20_000);
  terminal.report(server("c1-master", "started"));
  terminal.report(started("create", "waiting"));
  vi.advanceTimersByTime(10_000);

  expect(stderr.lines()).toEqual(["create: started", "create: still running, 30s, waiting"]);
});

test("the answer goes to stdout as paragraphs, without colours and escape sequences", () => {
  const { stdout, stderr, terminal } = onPipes({ FORCE_COLOR: "1" });

  terminal.print("first\nline\n\n");
  terminal.print("\u001B[31msecond\u001B[0m");

  expect(stdout.text).toBe("first\nline\nsecond\n");
  expect(stderr.text).toBe("");
});

test("the machine's answer is not printed for people", () => {
  const { stdout, terminal } = onPipes();
  terminal.result({ cluster: "c1" });
  expect(stdout.text).toBe("");
});

test.for([
  { env: {}, coloured: false },
  { env: { FORCE_COLOR: "1" }, coloured: true },
  { env: { FORCE_COLOR: "0" }, coloured: false },
  { env: { FORCE_COLOR: "1", NO_COLOR: "1" }, coloured: true },
  { env: { NO_COLOR: "1" }, coloured: false },
])("with $env, errors in a log file are coloured: $coloured", ({ env, coloured }) => {
  const { stderr, terminal } = onPipes(env);
  terminal.report({ event: "error", exit_code: 1, slug: "x", message: "m", fix: "f" });
  expect(stderr.text.includes("\u001B[31m")).toBe(coloured);
});

test.for([
  [0, "0.0s"],
  [0.44, "0.4s"],
  [9.96, "10s"],
  [59.4, "59s"],
  [59.6, "1m00s"],
  [185, "3m05s"],
  [3599.7, "1h00m"],
  [3725, "1h02m"],
] as const)("%d seconds read %s", ([seconds, text]) => {
  expect(duration(seconds)).toBe(text);
});
