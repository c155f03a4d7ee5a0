/** Where every key and value of a TOML text stands. Loaded only when something is to be pointed at. */
import { type AST, parseTOML } from "toml-eslint-parser";
import type { Fault, Located, Path } from "./faults.ts";

export type Positions = {
  locate(path: string, faults: readonly Fault[]): Located[];
  /** Where numbers are written as floats. */
  readonly floats: readonly Path[];
};

/** 0-based offsets into the text. */
type Place = { key: number; value: number };

/** As deep as anybody is pointed to. */
const maxDepth = 16;

/** @throws whatever the parser throws for what is not TOML 1.0; it may quote the text */
export function parseTree(text: string): AST.TOMLTopLevelTable {
  return parseTOML(text, { tomlVersion: "1.0" }).body[0];
}

/** Where `parsed` is not the file itself, `tree` is its tree and `inFile` translates its offsets to those of `text`, the file. */
export function readPositions(
  parsed: string,
  tree = parseTree(parsed),
  text = parsed,
  inFile = (offset: number) => offset,
): Positions {
  const { places, floats } = collect(tree);
  const pointAt = ({ path, at }: Fault): number => {
    const steps = at === "table" ? path.slice(0, -1) : path;
    for (let length = steps.length; length > 0; length -= 1) {
      const place = places.get(JSON.stringify(steps.slice(0, length)));
      if (place !== undefined) return at === "value" && length === steps.length ? place.value : place.key;
    }
    return 0;
  };
  const locate = (file: string, fault: Fault): Located => {
    const { slug, message, fix } = fault;
    const { line, column } = lineAndColumn(text, inFile(pointAt(fault)));
    return { problem: { slug, message, fix, where: `${file}:${line}:${column}` }, line, column };
  };
  return { floats, locate: (file, faults) => faults.map((fault) => locate(file, fault)) };
}

/** Both from 1; the column counts UTF-16 units, as editors do. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - start + 1 };
}

function collect(tree: AST.TOMLTopLevelTable): { places: Map<string, Place>; floats: Path[] } {
  const places = new Map<string, Place>();
  const floats: Path[] = [];

  function note(path: Path, place: Place): void {
    const name = JSON.stringify(path);
    if (!places.has(name)) places.set(name, place);
  }
  /** `a.b.c` also makes `a` and `a.b`; returns the whole path. */
  function keys(base: Path, { keys: parts }: AST.TOMLKey, value: number): Path {
    let path = base;
    for (const [index, part] of parts.entries()) {
      path = [...path, keyName(part)];
      note(path, { key: part.range[0], value: index === parts.length - 1 ? value : part.range[0] });
    }
    return path;
  }
  function pairs(base: Path, body: readonly AST.TOMLKeyValue[]): void {
    for (const pair of body) content(keys(base, pair.key, pair.value.range[0]), pair.value);
  }
  function content(path: Path, node: AST.TOMLContentNode): void {
    if (path.length > maxDepth) return;
    if (node.type === "TOMLInlineTable") pairs(path, node.body);
    else if (node.type === "TOMLArray") {
      for (const [index, element] of node.elements.entries()) {
        note([...path, index], { key: element.range[0], value: element.range[0] });
        content([...path, index], element);
      }
    } else if (node.kind === "float") floats.push(path);
  }

  for (const node of tree.body) {
    if (node.type === "TOMLKeyValue") {
      pairs([], [node]);
      continue;
    }
    const [{ range } = node] = node.key.keys;
    for (let length = 1; length <= Math.min(node.resolvedKey.length, maxDepth); length += 1) {
      note(node.resolvedKey.slice(0, length), { key: range[0], value: range[0] });
    }
    pairs(node.resolvedKey, node.body);
  }
  return { places, floats };
}

/** What a part of a dotted key says, without its quotes. */
export const keyName = (part: AST.TOMLBare | AST.TOMLQuoted): string =>
  part.type === "TOMLBare" ? part.name : part.value;
