import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { parseDotenv } from "../../src/config/dotenv.ts";
import { seeded } from "./world.ts";

const files = 400;
const seed = Number(process.env["HAILSTACK_TEST_SEED"] ?? 7);
/** What the process's environment holds beside the file. */
const outside = { HOME: "/home/a", FROM_OUTSIDE: "outer", EMPTY: "" };

const names = [
  "A",
  "B_1",
  "export",
  "FROM_OUTSIDE",
  "EMPTY",
  "a.b",
  "A-B",
  "'Q K'",
  "'A'",
  "É",
  "__proto__",
  "$A",
  '"A"',
  "1A",
];
const values = [
  "",
  "plain",
  "two words",
  " lead",
  "trail  ",
  "a#b",
  "a #comment",
  "# all",
  "'single'",
  "'it\\'s'",
  "'a\\\\b'",
  "'a\\nb'",
  '"double"',
  '"a\\"b"',
  '"a\\nb\\tc\\\\d"',
  '"line\nbreak"',
  "'line\nbreak'",
  '"a" # c',
  "'a' x",
  '"open',
  "'open",
  "${A}",
  "${NOPE:-instead}",
  "${A:-instead}",
  "${EMPTY:-instead}",
  "'${A}'",
  "${FROM_OUTSIDE}",
  "$A",
  "${}",
  "${A:b}",
  "pre${A}post",
  "${A}${B_1}",
  "a=b",
  "=",
  "`x`",
  "\\n",
  "\u00a0x\u00a0",
  "x\u001cy",
  "é",
  "😀",
  "a\\",
  '"\\u0041"',
  '""',
  "''",
  "${A:-${B_1}}",
  "a\tb",
  "\u2028x",
];
const breaks = ["\n", "\n", "\n", "\r\n", "\r", "\n\n"];

/** A few lines of assignments, comments and accidents. */
function generated(random: () => number): string {
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? "";
  let text = "";
  for (let count = Math.floor(random() * 8) + 1; count > 0; count -= 1) {
    const before = pick(["", "", "", "  ", "export ", "export\t ", "\t", "#", "\u00a0"]);
    const equals = pick(["=", "=", "=", " = ", "= ", " =", "", " "]);
    text += before + pick(names) + equals + pick(values) + pick(["", "", " ", " # note"]) + pick(breaks);
  }
  return random() < 0.2 ? text.trimEnd() : text;
}

const script = `
import json, os, sys, tempfile
from dotenv.main import DotEnv
given = json.load(sys.stdin)
os.environ.clear()
os.environ.update(given["outside"])
path = os.path.join(tempfile.mkdtemp(dir="/tmp"), ".env")
answers = []
for text in given["files"]:
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    found = DotEnv(path, override=False, encoding="utf-8").dict()
    answers.append({name: value for name, value in found.items() if value is not None})
os.remove(path)
os.rmdir(os.path.dirname(path))
json.dump(answers, sys.stdout)
`;

test(`${files} files mean the same as to python-dotenv (seed ${seed})`, () => {
  const python = process.env["HAILSTACK_TEST_PYTHON"];
  if (!python) throw new Error("HAILSTACK_TEST_PYTHON must name a Python that has python-dotenv; npm test sets it");
  const random = seeded(seed);
  const texts = Array.from({ length: files }, () => generated(random));
  const input = JSON.stringify({ outside, files: texts });
  const answers: unknown = JSON.parse(
    execFileSync(python, ["-c", script], { input, encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] }),
  );

  if (!Array.isArray(answers)) throw new Error("no list came back");
  expect(answers).toHaveLength(files);
  // With its text, so that a difference can be seen.
  const ours = texts.map((text) => ({ text, values: sorted(parseDotenv(text, outside).values) }));
  const theirs = texts.map((text, index) => ({ text, values: sorted(Object(answers[index])) }));
  expect(ours).toEqual(theirs);
});

const sorted = (values: object): unknown[] => Object.entries(values).sort();

test("lines that are no assignment are skipped and counted from 1", () => {
  const text = "A=1\n\nB 'x\nC='a\nb' trailing\nD=4\n";

  expect(parseDotenv(text, {})).toEqual({ values: { A: "1", D: "4" }, unreadable: [3, 4] });
});
