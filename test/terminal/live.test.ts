import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openTerminal } from "../../src/terminal/terminal.ts";
import type { Progress, Terminal } from "../../src/world.ts";
import { displayWidth } from "../../src/terminal/width.ts";
import { done, failed, part, server, started } from "./events.ts";
import { randomFrom } from "./random.ts";
import { FakePipe, FakeTerminal } from "./screen.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  for (const terminal of opened.splice(0)) terminal.useJson();
  vi.useRealTimers();
});

/** Tests leave stages running; taking up JSON puts each screen in order. */
const opened: Terminal[] = [];

/** Both streams are the one screen, as in a shell. */
function onScreen(columns: number, env = {}): { screen: FakeTerminal; terminal: Terminal } {
  const screen = new FakeTerminal(columns);
  const terminal = openTerminal({ stdin: process.stdin, stdout: screen, stderr: screen, env });
  opened.push(terminal);
  return { screen, terminal };
}

test("a running stage shows its name, time, bar and what is in flight", () => {
  const { screen, terminal } = onScreen(80);

  terminal.report(started("create"));
  terminal.report({ event: "plan", total: 4 });
  terminal.report(server("c1-master", "started"));
  terminal.report(server("c1-master", "done"));
  vi.advanceTimersByTime(60_000);
  terminal.report(server("c1-worker-01", "started"));
  vi.advanceTimersByTime(5_000);

  expect(screen.lines().map((line) => line.replace(/^[-|/\\] /, ""))).toEqual([
    "1m05s   create  [#####---------------] 1/4",
    "  5.0s    create server c1-worker-01",
  ]);
});

test("more than eight in flight are counted", () => {
  const { screen, terminal } = onScreen(80);

  terminal.report(started("create"));
  for (let worker = 1; worker <= 40; worker += 1) terminal.report(server(`worker-${worker}`, "started"));
  vi.advanceTimersByTime(100);

  expect(screen.lines()).toHaveLength(1 + 8 + 1);
  expect(screen.lines().at(-1)).toBe("          +32 more");
});

test("on a low screen the region stays lower than the screen", () => {
  const { screen, terminal } = onScreen(80);
  screen.rows = 6;

  terminal.report(started("create"));
  for (let worker = 1; worker <= 40; worker += 1) terminal.report(server(`worker-${worker}`, "started"));
  vi.advanceTimersByTime(100);

  expect(screen.lines().length).toBeLessThan(6);
  expect(screen.lines().at(-1)).toBe("          +37 more");
});

test("when the stage ends its line stays and the region is gone", () => {
  const { screen, terminal } = onScreen(80);

  terminal.report(started("create"));
  terminal.report(server("c1-master", "started"));
  vi.advanceTimersByTime(300);
  terminal.report(server("c1-master", "done"));
  terminal.report(done("create", 12.3));
  vi.advanceTimersByTime(1000);

  expect(screen.lines()).toEqual(["create: done in 12s"]);
  expect(screen.cursorVisible).toBe(true);
});

test("the answer, notes, problems and failed resources push the region down and stay", () => {
  const { screen, terminal } = onScreen(80);

  terminal.report(started("create"));
  vi.advanceTimersByTime(100);
  expect(screen.cursorVisible).toBe(false);
  terminal.print("the answer\n");
  vi.advanceTimersByTime(100);
  terminal.report({ event: "note", message: "a note" });
  terminal.report({ event: "warning", slug: "w", message: "beware", fix: "look" });
  vi.advanceTimersByTime(100);
  terminal.report(server("c1-worker-01", "failed"));
  vi.advanceTimersByTime(100);

  expect(screen.lines().slice(0, -1)).toEqual([
    "the answer",
    "a note",
    "hailstack: warning[w]: beware",
    "  fix: look",
    "  create server c1-worker-01: failed",
  ]);
});

test("a thousand events within a second are at most ten frames", () => {
  const { screen, terminal } = onScreen(80);

  terminal.report(started("create"));
  for (let event = 0; event < 1000; event += 1) {
    terminal.report(server(`worker-${event}`, "started"));
    vi.advanceTimersByTime(1);
  }

  expect(screen.writes).toBeLessThanOrEqual(10);
  expect(screen.writes).toBeGreaterThanOrEqual(9);
});

test("nothing more is written once the last stage ended", () => {
  const { screen, terminal } = onScreen(80);
  terminal.report(started("create"));
  vi.advanceTimersByTime(500);
  terminal.report(failed("create", 0.5));
  const { writes } = screen;

  vi.advanceTimersByTime(60_000);

  expect(screen.writes).toBe(writes);
  expect(vi.getTimerCount()).toBe(0);
});

test.for([
  { columns: 200, env: {}, room: 199 },
  { columns: 40, env: {}, room: 39 },
  { columns: 200, env: { COLUMNS: "60" }, room: 59 },
  { columns: 40, env: { COLUMNS: "200" }, room: 39 },
  { columns: 40, env: { COLUMNS: "wide" }, room: 39 },
  { columns: 0, env: {}, room: 79 },
])("with $columns columns and $env no line of the region is longer than $room", ({ columns, env, room }) => {
  const { screen, terminal } = onScreen(columns, env);
  terminal.report(started("create", "漢字".repeat(100)));
  terminal.report(server(`worker-${"x".repeat(300)}`, "started"));

  vi.advanceTimersByTime(100);

  // oxlint-disable-next-line no-control-regex -- sequences take no room
  const drawn = screen.raw.split("\n").map((line) => line.replaceAll(/\u001B\[[?\d]*\w/g, ""));
  expect(Math.max(...drawn.map(displayWidth))).toBeGreaterThan(room - 3);
  expect(Math.max(...drawn.map(displayWidth))).toBeLessThanOrEqual(room);
});

test("a secret that is cut off by the edge of the screen is masked all the same", () => {
  const { screen, terminal } = onScreen(40);
  terminal.hide(["correct-horse-battery-staple"]);

  terminal.report(started("create", "the password is correct-horse-battery-staple"));
  vi.advanceTimersByTime(100);

  expect(screen.raw).toContain("***");
  expect(screen.raw).not.toContain("correct");
});

test("a secret that only shows once escape sequences are gone is masked before it is cut", () => {
  const { screen, terminal } = onScreen(40);
  terminal.hide(["correct-horse-battery-staple"]);

  terminal.report(started("create", "the password is correct\u001B[1m-horse-battery-staple"));
  vi.advanceTimersByTime(100);

  expect(screen.raw).toContain("***");
  expect(screen.raw).not.toContain("correct");
});

test("a region that a narrower window broke into more rows is taken away whole", () => {
  const { screen, terminal } = onScreen(100);
  terminal.report(started("x".repeat(90)));
  vi.advanceTimersByTime(100);
  screen.columns = 40;
  screen.raw = "";

  vi.advanceTimersByTime(100);

  // 99 characters take three rows of 40.
  expect(screen.raw.startsWith("\u001B[3A\r\u001B[J")).toBe(true);
});

test("a stage within a stage is shown while it runs, and then the outer one again", () => {
  const { screen, terminal } = onScreen(80);

  terminal.report(started("outer"));
  terminal.report(started("inner"));
  vi.advanceTimersByTime(100);
  expect(screen.lines().at(-1)).toContain("inner");
  terminal.report(done("inner", 0.1));
  vi.advanceTimersByTime(100);

  expect(screen.lines()[0]).toBe("inner: done in 0.1s");
  expect(screen.lines().at(-1)).toContain("outer");
});

test("the parts of a stage are its bar, the running one with its last line below it", () => {
  const { screen, terminal } = onScreen(80);

  terminal.report(started("building the image"));
  terminal.report(started("running the scripts"));
  terminal.report(part("base", 1, 4, "started"));
  vi.advanceTimersByTime(60_000);
  terminal.report(part("base", 1, 4, "done", 60));
  terminal.report(part("java", 2, 4, "started"));
  terminal.report({ ...part("java", 2, 4, "started"), detail: "Setting up openjdk" } as Progress);
  vi.advanceTimersByTime(5_000);

  expect(screen.lines().map((line) => line.replace(/^[-|/\\] /, ""))).toEqual([
    "  1/4 base: done in 1m00s",
    "1m05s   building the image  [#####---------------] 1/4",
    "  1m05s   running the scripts",
    "  5.0s    java  Setting up openjdk",
  ]);
});

test("while a question is asked nothing is drawn over it, and afterwards the region is back", async () => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true as const });
  const screen = new FakeTerminal(80);
  const stderr = Object.assign(new FakePipe(), { isTTY: true as const, columns: 80, rows: 24 });
  const terminal = openTerminal({ stdin, stdout: screen, stderr, env: {} });
  opened.push(terminal);
  terminal.report(started("create"));
  vi.advanceTimersByTime(100);

  const asked = terminal.confirm("Go on?", "--yes");
  stderr.text = "";
  terminal.report(server("c1-master", "started"));
  vi.advanceTimersByTime(1000);
  expect(stderr.text).toBe("");
  stdin.write("y\n");
  await asked;
  vi.advanceTimersByTime(100);

  expect(stderr.text).toContain("create server c1-master");
});

test("the cursor comes back when the process exits in the middle of a stage", () => {
  const { screen, terminal } = onScreen(80);
  const before = process.listeners("exit");
  terminal.report(started("create"));
  vi.advanceTimersByTime(100);
  const added = process.listeners("exit").find((listener) => !before.includes(listener));

  added?.(0);

  expect(screen.cursorVisible).toBe(true);
  expect(screen.lines()).toEqual([]);
  expect(process.listeners("exit")).toHaveLength(before.length);
});

test.for([
  { when: "stderr is no terminal", env: {}, stderr: () => new FakePipe() },
  { when: "CI runs it", env: { CI: "true" }, stderr: () => new FakeTerminal(80) },
  { when: "the terminal is dumb", env: { TERM: "dumb" }, stderr: () => new FakeTerminal(80) },
])("nothing is redrawn when $when", ({ env, stderr: open }) => {
  const stderr = open();
  const terminal = openTerminal({ stdin: process.stdin, stdout: new FakePipe(), stderr, env });

  terminal.report(started("create"));
  vi.advanceTimersByTime(1000);
  terminal.report(done("create", 1));

  expect(stderr.lines().map((line) => line.trimEnd())).toEqual(["create: started", "create: done in 1.0s"]);
});

test.for([{ columns: 40 }, { columns: 200 }])(
  "whatever happens, only what lasts is left at $columns columns",
  ({ columns }) => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = randomFrom(seed);
      const { screen, terminal } = onScreen(columns);
      const lasting: string[] = [];
      terminal.report(started("s"));
      for (let step = 0; step < 60; step += 1) {
        const name = random.pick("ab漢😀", 1 + random.below(30));
        const kind = random.below(6);
        if (kind === 0) lasting.push(`n${step}`);
        if (kind === 0) terminal.report({ event: "note", message: `n${step}` });
        if (kind === 1) terminal.report({ event: "plan", total: random.below(9) });
        if (kind === 2) terminal.report(server(name, "started"));
        if (kind === 3) terminal.report(server(name, "done"));
        if (kind === 4) terminal.report(started("s", name));
        vi.advanceTimersByTime(random.below(250));
      }
      terminal.report(done("s", 1));

      expect(screen.lines(), `seed ${seed}`).toEqual([...lasting, "s: done in 1.0s"]);
      expect(screen.cursorVisible).toBe(true);
    }
  },
);
