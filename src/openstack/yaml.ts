/** YAML and JSON files of OpenStack's tools, read so that nothing of them reaches a message. */
import { Exit, failure } from "../errors.ts";

/** A mapping whose leaves are text, as they stand in the file: `012` and `no` are not numbers or truths. */
export type Tree = { readonly [key: string]: unknown };

/** @throws HailstackError (2) with `file:line:col` when `text` is no YAML mapping */
export async function parseTree(text: string, path: string): Promise<Tree> {
  const { LineCounter, parseDocument } = await import("../config/yaml.ts");
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: "failsafe", merge: true, prettyErrors: false, lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw invalid(`the file is not valid YAML (${error.code})`, `${path}:${line}:${col}`);
  }
  const content: unknown = toPlain(() => document.toJS(), path);
  if (content === "" || content === null) return {};
  if (!isTree(content)) throw invalid("the file's top level is not a mapping", path);
  return content;
}

/** True for a mapping, as against a list or a text. */
export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `over` on top of `under`, mapping by mapping. */
export function mergeTrees(under: Tree, over: Tree): Tree {
  const merged = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    const below = merged.get(key);
    merged.set(key, isTree(below) && isTree(value) ? mergeTrees(below, value) : value);
  }
  return Object.fromEntries(merged);
}

/** The mapping at `key`; an empty one when there is nothing. @throws HailstackError (2) when it is something else */
export function branch(tree: Tree, key: string, path: string): Tree {
  const value = Object.hasOwn(tree, key) ? tree[key] : undefined;
  if (value === undefined || value === "") return {};
  if (isTree(value)) return value;
  throw invalid(`\`${key}\` is not a mapping`, path);
}

/** The text at `key`, or undefined when there is none or it is blank. */
export function leaf(tree: Tree, key: string): string | undefined {
  const value = Object.hasOwn(tree, key) ? tree[key] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Aliases are resolved late, and too many of them are an attack. */
function toPlain(convert: () => unknown, path: string): unknown {
  try {
    return convert();
  } catch {
    throw invalid("the file's YAML aliases cannot be resolved", path);
  }
}

function invalid(message: string, where: string): Error {
  return failure(Exit.usage, "clouds-yaml-invalid", message, "correct the file at that place", { where });
}
