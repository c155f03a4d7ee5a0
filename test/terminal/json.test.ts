import { expect, test } from "vitest";
import { openTerminal } from "../../src/terminal/terminal.ts";
import { part, server, started } from "./events.ts";
import { FakePipe, FakeTerminal } from "./screen.ts";

function withJson(secrets: string[] = []) {
  const [stdout, stderr] = [new FakePipe(), new FakeTerminal(80)];
  const terminal = openTerminal({ stdin: process.stdin, stdout, stderr, env: {} });
  terminal.hide(secrets);
  terminal.useJson();
  const records = (): Record<string, unknown>[] => stdout.lines().map((line) => JSON.parse(line));
  return { stdout, stderr, terminal, records };
}

test("every event is a line of JSON with its time, and the result is the last", () => {
  const { terminal, records, stderr } = withJson();

  terminal.report(started("create"));
  terminal.report(server("c1-master", "started"));
  terminal.print("for people");
  terminal.report({ event: "error", exit_code: 3, slug: "x", message: "m", fix: "f" });
  terminal.result({ cluster: "c1", workers: 3 });

  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(records()).toEqual([
    { time, event: "stage", stage: "create", state: "started" },
    { time, event: "resource", resource: "c1-master", kind: "server", operation: "create", state: "started" },
    { time, event: "error", exit_code: 3, slug: "x", message: "m", fix: "f" },
    { time, event: "result", cluster: "c1", workers: 3 },
  ]);
  expect(stderr.raw).toBe("");
});

test("text from outside comes back unchanged from a line that cannot steer a terminal", () => {
  const { terminal, records, stdout } = withJson();
  const message = "a\u001B[31mb\u009B2J\u202E\n\u2028漢字😀\u007F";

  terminal.report({ event: "note", message });

  // oxlint-disable-next-line no-control-regex -- they are what must be gone
  expect(stdout.text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E\u2028]/);
  expect(records()[0]?.["message"]).toBe(message);
});

test("secrets are masked in strings and numbers, and the line stays JSON", () => {
  const { terminal, records, stdout } = withJson(["20261121", 'pa"ss\nword', "true", "null"]);

  terminal.result({
    pin: 20_261_121,
    ok: true,
    none: null,
    nested: [{ text: 'is pa"ss\nword!', encoded: btoa("20261121") }],
  });

  expect(records()[0]).toMatchObject({
    pin: "***",
    ok: true,
    none: null,
    nested: [{ text: "is ***!", encoded: "***=" }],
  });
  expect(stdout.text).not.toContain("20261121");
});

test("which part of a stage it is, and the last lines of what failed, reach machines too, masked", () => {
  const { terminal, records } = withJson(["correct-horse"]);

  terminal.report(part("java", 2, 3, "started"));
  terminal.report({ event: "error", exit_code: 1, slug: "x", message: "m", excerpt: ["is correct-horse"], fix: "f" });

  expect(records()).toMatchObject([
    { event: "stage", stage: "java", state: "started", step: 2, of: 3 },
    { event: "error", excerpt: ["is ***"] },
  ]);
});

test("the region of a terminal is gone before the first line of JSON", () => {
  const screen = new FakeTerminal(80);
  const terminal = openTerminal({ stdin: process.stdin, stdout: screen, stderr: screen, env: {} });
  terminal.report(started("create"));

  terminal.useJson();
  terminal.result({});

  expect(screen.lines()).toHaveLength(1);
});
