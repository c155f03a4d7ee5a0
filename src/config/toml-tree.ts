/**
 * The one place that knows the parser. It keeps the position of everything, and it builds no objects from a file's
 * keys: parsers that do were seen to follow a key such as `constructor` out of the data and write there.
 */
import { type AST, ParseError, parseTOML } from "toml-eslint-parser";

export type Tree = AST.TOMLTopLevelTable;
export type { AST };
export { ParseError };

/** @throws ParseError for what is not TOML 1.0; RangeError for nesting that is deeper than the stack */
export function parseTree(text: string): Tree {
  return parseTOML(text, { tomlVersion: "1.0" }).body[0];
}

/** What a part of a dotted key says, without its quotes. */
export const keyName = (part: AST.TOMLBare | AST.TOMLQuoted): string =>
  part.type === "TOMLBare" ? part.name : part.value;
