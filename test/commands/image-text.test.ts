import { expect, test } from "vitest";
import { ageText, digestText, sizeText } from "../../src/commands/image-text.ts";

test.for([
  [null, "-"],
  [undefined, "-"],
  [5 * 2 ** 20, "5.0 MiB"],
  [2 ** 30 * 3.26, "3.3 GiB"],
] as const)("%s bytes are %s", ([bytes, text]) => {
  expect(sizeText(bytes)).toBe(text);
});

const from = "2026-01-02T03:04:05Z";
test.for([
  [-90, "0 min"],
  [59, "0 min"],
  [119 * 60, "119 min"],
  [120 * 60, "2 h"],
  [47 * 3600, "47 h"],
  [48 * 3600, "2 d"],
] as const)("%d seconds are an age of %s", ([seconds, text]) => {
  expect(ageText(from, new Date(Date.parse(from) + seconds * 1000))).toBe(text);
});

test("what is no time has no age, and what is no digest is none", () => {
  expect([ageText("soon", new Date(0)), digestText(""), digestText("0123456789abcdef")]).toEqual([
    "?",
    "-",
    "0123456789ab",
  ]);
});
