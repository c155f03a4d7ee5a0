import { expect, test } from "vitest";
import { Exit, failure, HailstackError } from "../../src/errors.ts";
import { failureOf, formatFailure, formatProblem } from "../../src/terminal/problems.ts";

const problem = { slug: "config-unknown-key", message: "unknown key cluster.nam", fix: "write cluster.name" };

test("a problem is one line with its slug and place, and one line with the way out", () => {
  expect(formatProblem("error", { ...problem, where: "my.toml:3:1" })).toBe(
    "hailstack: error[config-unknown-key]: unknown key cluster.nam (my.toml:3:1)\n  fix: write cluster.name",
  );
});

test("a warning without a place says warning and has no brackets", () => {
  expect(formatProblem("warning", problem)).toBe(
    "hailstack: warning[config-unknown-key]: unknown key cluster.nam\n  fix: write cluster.name",
  );
});

test("the last lines of what failed stand between the message and the way out, and cannot break out of there", () => {
  const excerpt = ["E: no such package", "\u001B[2Ja\nb"];
  expect(formatProblem("error", { ...problem, excerpt })).toBe(
    "hailstack: error[config-unknown-key]: unknown key cluster.nam\n  | E: no such package\n  | a b\n  fix: write cluster.name",
  );
});

test("what a message brought along cannot break the shape", () => {
  const hostile = { ...problem, message: "first\nhailstack: error[fake]: second\u001B[2J", where: "a\nb" };
  expect(formatProblem("error", hostile).split("\n")).toHaveLength(2);
});

test("all problems of a failure are shown, without blank lines", () => {
  const error = new HailstackError(Exit.usage, [problem, { ...problem, slug: "other" }]);

  expect(
    formatFailure(error, false)
      .split("\n")
      .map((line) => line.slice(0, 22)),
  ).toEqual(["hailstack: error[confi", "  fix: write cluster.n", "hailstack: error[other", "  fix: write cluster.n"]);
});

test("colours mark the kind and nothing else", () => {
  expect(formatFailure(failure(Exit.failed, "x", "m", "f"), true)).toBe(
    "hailstack: \u001B[31merror[x]\u001B[39m: m\n  fix: f",
  );
});

test.for([
  { what: "an error of ours", thrown: new TypeError("x is not a function"), message: "TypeError: x is not a function" },
  { what: "a string", thrown: "oops", message: "thrown: oops" },
  { what: "nothing", thrown: undefined, message: "thrown: undefined" },
])("$what is told as a bug, without its stack", ({ thrown, message }) => {
  const text = formatFailure(thrown, false, "/cache/bug-1.txt");

  expect(text.split("\n")[0]).toBe(`hailstack: error[internal]: ${message}`);
  expect(text).toContain("/cache/bug-1.txt");
  expect(text).not.toMatch(/^\s+at |\.ts:\d+/m);
  expect(failureOf(thrown).exitCode).toBe(Exit.failed);
});

test("the exit code of a failure is the error's own", () => {
  expect(failureOf(failure(Exit.state, "lock-held", "m", "f")).exitCode).toBe(Exit.state);
});
