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
  const data = emptyTable();

  function tooDeep(path: Path): void {
    const message = "lists or tables are nested too deeply";
    deep.push({ path, at: "key", slug: "config-too-deep", message, fix: "delete what is nested there" });
  }
  function fill(table: Table, base: Path, pairs: readonly AST.TOMLKeyValue[]): void {
    for (const { key, value } of pairs) {
      const names = key.keys.slice(0, maxDepth + 1).map(keyName);
      const path = [...base, ...names];
      if (names.some((name) => skip.has(name))) continue;
      const last = names.pop() ?? "";
      if (path.length > maxDepth) tooDeep(path.slice(0, maxDepth));
      else Reflect.set(descend(table, names), last, valueOf(value, path));
    }
  }
  function valueOf(node: AST.TOMLContentNode, path: Path): unknown {
    if (node.type === "TOMLValue") return scalar(node);
    if (path.length >= maxDepth) return void tooDeep(path);
    if (node.type === "TOMLArray") return node.elements.map((element, index) => valueOf(element, [...path, index]));
    const table = emptyTable();
    fill(table, path, node.body);
    return table;
  }

  for (const node of tree.body) {
    if (node.type === "TOMLKeyValue") {
      fill(data, [], [node]);
      continue;
    }
    const path = node.resolvedKey.slice(0, maxDepth + 1);
    if (path.some((step) => typeof step === "string" && skip.has(step))) continue;
    if (path.length > maxDepth) tooDeep(path.slice(0, maxDepth));
    // The cast: a table's own path ends in a table, whatever stands before it.
    else fill(descend(data, path) as Table, path, node.body);
  }
  return { data, deep };
}

function emptyTable(): Table {
  // The cast: TypeScript has no better type for it than any.
  return Object.create(null) as Table;
}

/** The table or list at `path`, made where it is not there yet. The parser has seen to it that nothing else is. */
function descend(from: Table, path: Path): object {
  let holder: object = from;
  for (const [index, step] of path.entries()) {
    if (!Object.hasOwn(holder, step))
      Reflect.set(holder, step, typeof path[index + 1] === "number" ? [] : emptyTable());
    const next: unknown = Reflect.get(holder, step);
    if (typeof next !== "object" || next === null) throw new Error("a key leads through a value");
    holder = next;
  }
  return holder;
}

function scalar(node: AST.TOMLValue): unknown {
  if (node.kind === "float") return new TomlFloat(node.value);
  if (node.kind === "integer") return Number.isSafeInteger(Number(node.bigint)) ? Number(node.bigint) : node.bigint;
  return node.value;
}
