/** Whatever words there are, a shell reads them back as they were. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { quoteArgv } from "../../src/cluster/quote.ts";

/** The same numbers at every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const pieces = [
  "'",
  '"',
  "\\",
  "$",
  "`",
  "!",
  "*",
  "~",
  "\n",
  "\r",
  "\t",
  " ",
  "#",
  "&&",
  "=",
  "-",
  "é",
  "🧬",
  "\u0001",
];

function randomWords(count: number): string[] {
  const below = numbers(7);
  const piece = () => (below(3) > 0 ? (pieces[below(pieces.length)] ?? "") : String.fromCodePoint(1 + below(0xd7fe)));
  return Array.from({ length: count }, () => Array.from({ length: below(12) }, piece).join(""));
}

test.for(["sh", "bash"])("10,000 random words come back out of %s", (shell) => {
  const words = randomWords(10_000);
  // In parts: a line must fit into one argument.
  for (let from = 0; from < words.length; from += 500) {
    const part = words.slice(from, from + 500);
    const line = quoteArgv(["printf", "%s\\0", ...part]);
    const out = execFileSync(shell, ["-c", line], { encoding: "utf8" });
    expect(out.split("\0").slice(0, -1)).toEqual(part);
  }
});

test.for(["if", "A=b", "~root", "-n", "{"])("%s is a program's name and nothing else", (word) => {
  const line = `${quoteArgv([word])} 2>/dev/null || echo $?`;
  expect(execFileSync("sh", ["-c", line], { encoding: "utf8" })).toBe("127\n");
});

test("what no argument can hold is not sent", () => {
  expect(() => quoteArgv(["a\0b"])).toThrow(RangeError);
});
