/**
 * Keys that are defined twice. Parsers stop at the first; here each second definition is set aside under another name,
 * so that the rest of the file can be checked in the same run.
 */
import { dotted, type Located, type Path } from "./faults.ts";
import { lineFinder, positionsOf } from "./positions.ts";
import { type AST, keyName, ParseError, parseTree, type Tree } from "./toml-tree.ts";

export type Mended = {
  /** Of the text with each second definition renamed. */
  tree: Tree;
  /** The names given: keys that are not the file's. */
  skip: ReadonlySet<string>;
  /** An offset in the mended text → the same place in the file. */
  inFile: (offset: number) => number;
  faults: Located[];
};

/** After so many, each of which parses the file again, it is not a config with a slip in it. */
const maxDuplicates = 20;

/** One renamed key, by its offset in the file. */
type Edit = { marker: string; offset: number; length: number };

/** undefined when something else than duplicates is wrong with the text. */
export function mendDuplicates(path: string, text: string): Mended | undefined {
  const edits: Edit[] = [];
  for (;;) {
    const mended = withEdits(text, edits);
    try {
      const tree = parseTree(mended);
      return edits.length === 0 ? undefined : report(path, text, tree, edits);
    } catch (error) {
      const next =
        error instanceof ParseError ? rename(text, mended, toFile(edits, error.index), edits.length) : undefined;
      if (next === undefined || edits.length === maxDuplicates) return undefined;
      if (edits.some(({ offset }) => offset === next.offset)) return undefined;
      edits.push(next);
      edits.sort((a, b) => a.offset - b.offset);
    }
  }
}

/** A parse error at a key may be a duplicate; renamed, it is gone if it was one. */
function rename(text: string, mended: string, offset: number, count: number): Edit | undefined {
  const key = /^(?:[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')/.exec(text.slice(offset, offset + 1000))?.[0];
  if (key === undefined) return undefined;
  let marker = `duplicate-${count}`;
  while (mended.includes(marker)) marker += "-";
  return { marker, offset, length: key.length };
}

function withEdits(text: string, edits: readonly Edit[]): string {
  let mended = "";
  let from = 0;
  for (const { marker, offset, length } of edits) {
    mended += text.slice(from, offset) + marker;
    from = offset + length;
  }
  return mended + text.slice(from);
}

/** An offset in the mended text → the same place in the file. */
function toFile(edits: readonly Edit[], offset: number): number {
  let shift = 0;
  for (const { marker, offset: at, length } of edits) {
    if (offset <= at + shift) break;
    shift += marker.length - length;
  }
  return offset - shift;
}

function report(path: string, text: string, tree: Tree, edits: Edit[]): Mended | undefined {
  const markers = new Set(edits.map(({ marker }) => marker));
  const paths = markedPaths(tree, markers);
  // A marker that is no key stands where something else was wrong.
  if (paths.size !== markers.size) return undefined;
  const inFile = (offset: number): number => toFile(edits, offset);
  const lineAndColumn = lineFinder(text);
  const position = positionsOf(path, text, tree, inFile);
  const faults = edits.map((edit): Located => {
    const name = nameAt(text, edit);
    const key = [...(paths.get(edit.marker) ?? []), name];
    const slug = "config-duplicate-key";
    const first = position({ path: key, at: "key", slug, message: "", fix: "" });
    const { line, column } = lineAndColumn(edit.offset);
    const message = `${dotted(key)} is defined twice; first at ${first.problem.where ?? path}`;
    const problem = { slug, message, fix: "keep one of the two", where: `${path}:${line}:${column}` };
    return { problem, line, column };
  });
  return { tree, skip: markers, inFile, faults };
}

/** The key as it was, without quotes; a quoted one is read by the parser itself. */
function nameAt(text: string, { offset, length }: Edit): string {
  const [node] = parseTree(`${text.slice(offset, offset + length)} = 0`).body;
  const part = node?.key.keys[0];
  return part === undefined ? "" : keyName(part);
}

/** The path of the table each marker stands in. */
function markedPaths(tree: Tree, markers: ReadonlySet<string>): Map<string, Path> {
  const found = new Map<string, Path>();
  function keys(base: Path, key: AST.TOMLKey): Path {
    const names = key.keys.map(keyName);
    for (const [index, name] of names.entries()) {
      if (markers.has(name)) found.set(name, [...base, ...names.slice(0, index)]);
    }
    return [...base, ...names];
  }
  function content(path: Path, node: AST.TOMLContentNode): void {
    if (node.type === "TOMLInlineTable") for (const pair of node.body) content(keys(path, pair.key), pair.value);
    if (node.type === "TOMLArray")
      for (const [index, element] of node.elements.entries()) content([...path, index], element);
  }
  for (const node of tree.body) {
    if (node.type === "TOMLKeyValue") content(keys([], node.key), node.value);
    else {
      keys([], node.key);
      for (const pair of node.body) content(keys(node.resolvedKey, pair.key), pair.value);
    }
  }
  return found;
}
