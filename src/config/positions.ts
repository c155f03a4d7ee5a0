/** Where every key and value of a TOML file stands. */
import type { Fault, Located, Path } from "./faults.ts";
import { type AST, keyName, type Tree } from "./toml-tree.ts";

/** 0-based offsets into the text. */
type Place = { key: number; value: number };

/** As deep as anybody is pointed to. */
const maxDepth = 16;

/**
 * A function that finds a fault in the file `path` with the given `text`. Where the parsed tree is not quite the file's,
 * `inFile` translates its offsets.
 */
export function positionsOf(path: string, text: string, tree: Tree, inFile = (offset: number) => offset) {
  const places = placesIn(tree);
  const lineAndColumn = lineFinder(text);
  return ({ slug, message, fix, ...fault }: Fault): Located => {
    const { line, column } = lineAndColumn(inFile(offsetOf(places, fault)));
    return { problem: { slug, message, fix, where: `${path}:${line}:${column}` }, line, column };
  };
}

/** Offset → line and column, both from 1; the column counts UTF-16 units, as editors do. */
export function lineFinder(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0];
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** What is not in the file is where the nearest table above it is; without any, the file's beginning. */
function offsetOf(places: ReadonlyMap<string, Place>, { path, at }: Pick<Fault, "path" | "at">): number {
  const steps = at === "table" ? path.slice(0, -1) : path;
  for (let length = steps.length; length > 0; length -= 1) {
    const place = places.get(JSON.stringify(steps.slice(0, length)));
    if (place !== undefined) return at === "value" && length === steps.length ? place.value : place.key;
  }
  return 0;
}

function placesIn(tree: Tree): Map<string, Place> {
  const places = new Map<string, Place>();
  const note = (path: Path, place: Place): void => noteFirst(places, path, place);
  /** `a.b.c` also makes `a` and `a.b`; returns the whole path. */
  function keys(base: Path, { keys: parts }: AST.TOMLKey, value: number): Path {
    const path = [...base];
    for (const [index, part] of parts.slice(0, maxDepth).entries()) {
      path.push(keyName(part));
      note(path, { key: part.range[0], value: index === parts.length - 1 ? value : part.range[0] });
    }
    return path;
  }
  function content(path: Path, node: AST.TOMLContentNode): void {
    if (path.length > maxDepth || node.type === "TOMLValue") return;
    if (node.type === "TOMLInlineTable") pairs(path, node.body);
    else {
      for (const [index, element] of node.elements.entries()) {
        note([...path, index], { key: element.range[0], value: element.range[0] });
        content([...path, index], element);
      }
    }
  }
  function pairs(base: Path, body: readonly AST.TOMLKeyValue[]): void {
    for (const { key, value } of body) content(keys(base, key, value.range[0]), value);
  }

  for (const node of tree.body) {
    if (node.type === "TOMLKeyValue") {
      pairs([], [node]);
      continue;
    }
    const [start] = node.key.range;
    for (let length = 1; length <= Math.min(node.resolvedKey.length, maxDepth); length += 1) {
      note(node.resolvedKey.slice(0, length), { key: start, value: start });
    }
    pairs(node.resolvedKey.slice(0, maxDepth), node.body);
  }
  return places;
}

/** A table is where it is named first. */
function noteFirst(places: Map<string, Place>, path: Path, place: Place): void {
  const name = JSON.stringify(path);
  if (!places.has(name)) places.set(name, place);
}
