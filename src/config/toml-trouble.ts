/** What to say about a text that is not TOML, without a word of the text. */
import { Exit, failure, type HailstackError } from "../errors.ts";
import { lineFinder } from "./positions.ts";
import { ParseError } from "./toml-tree.ts";

/** What the parser threw, for the user. @throws `cause` itself when it is neither a syntax error nor a full stack */
export function syntaxError(path: string, text: string, cause: unknown): HailstackError {
  if (cause instanceof RangeError) return tooDeep(path, text);
  if (!(cause instanceof ParseError)) throw cause;
  const { line, column } = lineFinder(text)(cause.index);
  const [message, fix] = otherFormat(text) ?? [
    `not valid TOML: ${complaint(text, cause)}`,
    'correct this line; texts need quotes, as in name = "value"',
  ];
  return failure(Exit.usage, "toml-syntax", message, fix, { where: `${path}:${line}:${column}` });
}

/** The parser's messages are fixed sentences that quote nothing; only the vaguest of them are replaced. */
function complaint(text: string, { message, index }: ParseError): string {
  const vague = message.startsWith("Unexpected") || index >= text.length;
  return vague ? expectation(text, index) : message.charAt(0).toLowerCase() + message.slice(1);
}

function tooDeep(path: string, text: string): HailstackError {
  const opening = /(?:[[{]\s*(?:[\w"'.-]+\s*=\s*)?){32}/.exec(text)?.index ?? 0;
  const { line, column } = lineFinder(text)(opening);
  const fix = "delete what is nested there; no field of hailstack needs it";
  return failure(Exit.usage, "toml-too-deep", "lists or tables are nested too deeply", fix, {
    where: `${path}:${line}:${column}`,
  });
}

/** In words of our own, from what stands at the offset and before it on its line. */
function expectation(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  if (offset >= text.length) return "the file ends inside a value or a table name";
  if (/=\s*$/.test(line)) return 'expected a value: a "text", a number, true, false or a list';
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
