/** What to say about a text that is not TOML. Neither parser's message is shown: both may quote the file. */
import { ParseError } from "toml-eslint-parser";
import { Exit, failure, type HailstackError } from "../errors.ts";
import { lineAndColumn, parseTree } from "./positions.ts";

/** @throws nothing; the error is returned. `cause` is what the parser threw. */
export function syntaxError(path: string, text: string, cause: unknown): HailstackError {
  if (cause instanceof RangeError) return tooDeep(path, text);
  const { offset, expected } = firstError(text) ?? { offset: offsetOf(text, cause), expected: "something else" };
  const { line, column } = lineAndColumn(text, offset);
  const [message, fix] = otherFormat(text) ?? [
    `not valid TOML: ${expected}`,
    "correct this line; texts need quotes, as in name = \"value\"",
  ];
  return failure(Exit.usage, "toml-syntax", message, fix, { where: `${path}:${line}:${column}` });
}

function tooDeep(path: string, text: string): HailstackError {
  const opening = /(?:[[{]\s*(?:[\w"'.-]+\s*=\s*)?){32}/.exec(text)?.index ?? 0;
  const { line, column } = lineAndColumn(text, opening);
  const fix = "delete what is nested there; no field of hailstack needs it";
  return failure(Exit.usage, "toml-too-deep", "lists or tables are nested too deeply", fix, {
    where: `${path}:${line}:${column}`,
  });
}

function firstError(text: string): { offset: number; expected: string } | undefined {
  try {
    parseTree(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof ParseError)) return undefined;
    return { offset: error.index, expected: expectation(text, error.index) };
  }
}

/** In words of our own, from what stands at the offset and before it on its line. */
function expectation(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  if (offset >= text.length) return "the file ends inside a value or a table name";
  if (/=\s*$/.test(line)) return "expected a value: a \"text\", a number, true, false or a list";
  if (/^\s*\[/.test(line) && !line.includes("=")) return "expected the end of a table name: ']'";
  if (!line.includes("=")) return "expected key = value, or a table name in [brackets]";
  if (/["']/.test(line)) return "expected the end of a text, of a list or of the line";
  return "expected the end of the line";
}

/** The other formats people have at hand. */
function otherFormat(text: string): [message: string, fix: string] | undefined {
  const fix = "write it as TOML, as example-config.toml is";
  if (/^\s*\{\s*(?:"|\})/.test(text)) return ["this looks like JSON, not TOML", fix];
  if (/^\s*(?:---\s|(?:#.*\s+)*[\w-]+:(?:\s|$))/.test(text)) return ["this looks like YAML, not TOML", fix];
  return undefined;
}

/** Where @iarna/toml stopped, when it alone is unhappy; it counts lines and columns from 0. */
function offsetOf(text: string, cause: unknown): number {
  const { line, col } = typeof cause === "object" && cause !== null ? { line: 0, col: 0, ...cause } : { line: 0, col: 0 };
  const start = text.split("\n").slice(0, line).join("\n").length;
  return Math.min(text.length, start + col);
}
