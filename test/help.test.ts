import { expect, test } from "vitest";
import { help, quickAnswer, summaries, versionLine } from "../src/help.ts";

test("no line of the help is wider than 80 columns", () => {
  expect(
    help()
      .split("\n")
      .filter((line) => line.length > 80),
  ).toEqual([]);
});

test.for(Object.entries(summaries))("the help has a line for %s", ([name, summary]) => {
  expect(help().split("\n")).toContain(`  ${name.padEnd(12)}  ${summary}`);
});

test.for([
  { args: ["--help"], answer: help() },
  { args: ["--version"], answer: versionLine },
  { args: [], answer: undefined },
  { args: ["create", "--help"], answer: undefined },
  { args: ["--version", "create"], answer: undefined },
  { args: ["create"], answer: undefined },
])("$args is answered at once, or left to the program", ({ args, answer }) => {
  expect(quickAnswer(args)).toBe(answer);
});
