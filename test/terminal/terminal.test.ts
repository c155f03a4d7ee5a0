import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openFiles } from "../../src/host/files.ts";
import { saveBugReport } from "../../src/terminal/bug-report.ts";
import { createMask } from "../../src/terminal/mask.ts";
import { openTerminal } from "../../src/terminal/terminal.ts";
import { FakePipe } from "./screen.ts";

function onPipes() {
  const [stdout, stderr] = [new FakePipe(), new FakePipe()];
  return { stdout, stderr, terminal: openTerminal({ stdin: process.stdin, stdout, stderr, env: {} }) };
}

test("a stage returns what its work returned, and says how long it took and the last detail", async () => {
  const { stderr, terminal } = onPipes();

  const value = await terminal.stage("preflight", async (detail) => {
    detail("3 checks");
    detail("12 checks");
    return 42;
  });

  expect(value).toBe(42);
  expect(stderr.lines()).toEqual([
    "preflight: started",
    expect.stringMatching(/^preflight: done in \d+\.\ds, 12 checks$/),
  ]);
});

test("a stage whose work throws is reported as failed, and the error goes on unchanged", async () => {
  const { stderr, terminal } = onPipes();
  const error = new Error("no");

  await expect(terminal.stage("preflight", () => Promise.reject(error))).rejects.toBe(error);
  expect(stderr.lines().at(-1)).toMatch(/^preflight: failed after \d+\.\ds$/);
});

test("work that throws before it returns a promise is a failed stage too", async () => {
  const { stderr, terminal } = onPipes();
  const work = (): Promise<void> => {
    throw new Error("at once");
  };

  await expect(terminal.stage("preflight", work)).rejects.toThrow("at once");
  expect(stderr.lines().at(-1)).toMatch(/failed/);
});

test("stages may run within and beside one another", async () => {
  const { stderr, terminal } = onPipes();

  await terminal.stage("outer", () =>
    Promise.all([terminal.stage("a", async () => {}), terminal.stage("b", async () => {})]),
  );

  expect(stderr.lines().map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
    "outer: started",
    "a: started",
    "b: started",
    "a: done",
    "b: done",
    "outer: done",
  ]);
});

test("every kind of event passes the mask and the cleaner", () => {
  const { stdout, stderr, terminal } = onPipes();
  terminal.hide(["hunter22"]);
  const dirty = "hun\u001B[1mter22 hunter22\u001B[2J";

  terminal.print(dirty);
  terminal.report({ event: "stage", stage: dirty, state: "done", detail: dirty });
  terminal.report({ event: "resource", resource: dirty, kind: dirty, operation: "create", state: "done" });
  terminal.report({ event: "note", message: dirty });
  terminal.report({ event: "warning", slug: "w", message: dirty, where: dirty, fix: dirty });
  terminal.report({ event: "error", exit_code: 1, slug: "e", message: dirty, where: dirty, fix: dirty });

  const shown = stdout.text + stderr.text;
  expect(shown).not.toContain("hunter22");
  expect(shown).not.toContain("\u001B");
  expect(shown.match(/\*\*\* \*\*\*/g)).toHaveLength(1 + 2 + 2 + 1 + 3 + 3);
});

test("a stream is left alone after its first error", () => {
  const { stdout, terminal } = onPipes();
  terminal.print("one");
  stdout.emit("error", new Error("write EPIPE"));
  terminal.print("two");

  expect(stdout.text).toBe("one\n");
});

test("a bug report holds the stacks of all causes, masked, for the owner's eyes only", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bug-report-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const mask = createMask();
  mask.add(["hunter22"]);
  const circle = new Error("cause hunter22");
  circle.cause = circle;

  const path = await saveBugReport(new TypeError("oops", { cause: circle }), { files: openFiles(), folder, mask });

  const report = await readFile(path ?? "", "utf8");
  expect(report).toMatch(/^TypeError: oops\n {4}at .*\n/);
  expect(report).toContain("caused by: Error: cause ***");
  expect((await stat(path ?? "")).mode & 0o777).toBe(0o600);
});

test("a bug report that cannot be written is no second bug", async () => {
  const where = { files: openFiles(), folder: "/proc/none/below", mask: createMask() };
  expect(await saveBugReport(new Error("x"), where)).toBeUndefined();
});
