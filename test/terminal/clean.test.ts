import { expect, test } from "vitest";
import { cleanLine, cleanText } from "../../src/terminal/clean.ts";
import { randomFrom } from "./random.ts";

test.for([
  { what: "colours", dirty: "\u001B[31mred\u001B[0m", clean: "red" },
  { what: "cursor moves and erasing", dirty: "a\u001B[2J\u001B[1;1Hb\u001B[?25l", clean: "ab" },
  { what: "a window title", dirty: "a\u001B]0;you are root\u0007b", clean: "ab" },
  { what: "a link", dirty: "\u001B]8;;http://x\u001B\\text\u001B]8;;\u001B\\", clean: "text" },
  { what: "a clipboard write", dirty: "\u001B]52;c;cm0gLXJm\u0007ok", clean: "ok" },
  { what: "a device control string", dirty: "a\u001BPq#0;2\u001B\\b", clean: "ab" },
  { what: "8-bit sequences", dirty: "a\u009B31mb\u009D0;t\u009Cc", clean: "abc" },
  { what: "a reset", dirty: "a\u001Bcb", clean: "ab" },
  { what: "a sequence that appears when another is taken out", dirty: "\u001B\u001B[31m[31mx", clean: "[31mx" },
  { what: "an unfinished sequence", dirty: "name\u001B[", clean: "name" },
  { what: "backspaces and bells", dirty: "good\b\b\b\bevil\u0007", clean: "goodevil" },
  { what: "a NUL", dirty: "a\0b", clean: "ab" },
  { what: "text turned around", dirty: "a\u202Etxt.exe\u202C", clean: "atxt.exe" },
  { what: "half a surrogate pair", dirty: "a\uD800b", clean: "a\uFFFDb" },
  { what: "a carriage return that would overwrite", dirty: "real\rfake", clean: "real\nfake" },
  { what: "a tab", dirty: "a\tb", clean: "a  b" },
  { what: "nothing strange", dirty: "Zürich 漢字 😀 – ok", clean: "Zürich 漢字 😀 – ok" },
])("$what: text that steers a terminal becomes text that does not", ({ dirty, clean }) => {
  expect(cleanText(dirty)).toBe(clean);
});

test("a line is one line whatever it held", () => {
  expect(cleanLine("  first\r\n   second\n\n\nthird \n")).toBe("first second third");
});

test("no mixture of control characters survives", () => {
  const random = randomFrom(20_261_121);
  const dirty = Array.from({ length: 2000 }, () =>
    random.pick("\u001B\u009B\u009D[]();?0123mKJHP\\\u0007\b\r\0ab\u202E", 1 + random.below(30)),
  );

  // oxlint-disable-next-line no-control-regex -- they are what must be gone
  expect(dirty.filter((text) => /[\u0000-\u001F\u007F-\u009F\u202E]/.test(cleanLine(text)))).toEqual([]);
});
