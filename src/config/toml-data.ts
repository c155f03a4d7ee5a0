/** The data of a parsed file: tables that inherit nothing, whatever their keys are called. */
import type { Fault, Path } from "./faults.ts";
import { type AST, keyName, type Tree } from "./toml-tree.ts";
import { TomlFloat } from "./toml-types.ts";

/** Holds strings, booleans, numbers (integers up to 2^53), bigints, TomlFloats, Dates, lists and tables. */
export type Table = Record<string, unknown>;

/** No table of ours goes half as deep. */
const maxDepth = 8;

/** `deep` is what was nested deeper than any config, and left out; `skip` are keys to leave out silently. */
export function dataOf(tree: Tree, skip: ReadonlySet<string>): { data: Table; deep: Fault[] } {
  const deep: Fault[] = [];
  const data: Table = Object.create(null);

  function tooDeep(path: Path): void {
    const message = "lists or tables are nested too deeply";
    deep.push({ path, at: "key", slug: "config-too-deep", message, fix: "delete what is nested there" });
  }
  function put(base: Path, { key, value }: AST.TOMLKeyValue): void {
    const names = key.keys.slice(0, maxDepth + 1).map(keyName);
    const path = [...base, ...names];
    if (names.some((name) => skip.has(name))) return;
    if (path.length > maxDepth) tooDeep(path.slice(0, maxDepth));
    else set(data, path, valueOf(value, path));
  }
  function valueOf(node: AST.TOMLContentNode, path: Path): unknown {
    if (node.type === "TOMLValue") return scalar(node);
    if (path.length >= maxDepth) return void tooDeep(path);
    if (node.type === "TOMLArray") return node.elements.map((element, index) => valueOf(element, [...path, index]));
    set(data, path, Object.create(null));
    for (const pair of node.body) put(path, pair);
    return at(data, path);
  }

  for (const node of tree.body) {
    if (node.type === "TOMLKeyValue") {
      put([], node);
      continue;
    }
    const path = node.resolvedKey.slice(0, maxDepth + 1);
    if (path.some((step) => typeof step === "string" && skip.has(step))) continue;
    if (path.length > maxDepth) tooDeep(path.slice(0, maxDepth));
    else {
      if (at(data, path) === undefined) set(data, path, Object.create(null));
      for (const pair of node.body) put(path, pair);
    }
  }
  return { data, deep };
}
