/** What is wrong in a TOML file, by path; where that is in the file is found out later, and only when needed. */
import type { Problem } from "../errors.ts";

/** Keys and list indices from the top of a file. */
export type Path = readonly (string | number)[];

export type Fault = Problem & {
  readonly path: Path;
  /** What to point at: a key that should not be there, a value that should be another, a table that lacks something. */
  readonly at: "key" | "value" | "table";
};

/** A problem with its place in the file, both counted from 1. */
export type Located = { readonly problem: Problem; readonly line: number; readonly column: number };

/** More than anybody reads; a file with more faults is not a config. */
const maxProblems = 100;

/** As they stand in the file; of very many the first, and how many there are. */
export function inOrder(located: readonly Located[]): Problem[] {
  const sorted = [...located].sort((a, b) => a.line - b.line || a.column - b.column).map(({ problem }) => problem);
  if (sorted.length <= maxProblems) return sorted;
  const message = `${sorted.length - maxProblems} more problems are not shown`;
  return [...sorted.slice(0, maxProblems), { slug: "config-more-problems", message, fix: "correct these first" }];
}

/** A path as users write it: `ssh_keys.public_keys[1]`; keys that TOML would quote are quoted. */
export function dotted(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += (text === "" ? "" : ".") + keyText(step);
  }
  return text;
}

const longestKey = 64;

/** A user's own key: without control characters, and short, as it may be anything. */
function keyText(key: string): string {
  if (/^[\w-]{1,64}$/.test(key)) return key;
  const cut = [...key].length > longestKey ? `${[...key].slice(0, longestKey).join("")}…` : key;
  return JSON.stringify(cut).replaceAll(/[^ -~…]/g, (mark) => codePoint(mark));
}

/** `U+200B`: says which character it is where showing it would not, or would do harm. */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The character for a message: with its code point, which tells look-alikes apart, and alone where it is invisible. */
export function spelled(character: string): string {
  return /[!-~]/.test(character) ? `'${character}' (${codePoint(character)})` : codePoint(character);
}

/** `'value'`, when it is short and plain enough to be shown as it is; else nothing. */
export function quoted(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return ` ${String(value)}`;
  return typeof value === "string" && /^[ -~]{1,80}$/.test(value) ? ` '${value}'` : "";
}

/** What lies at `path`; undefined when there is nothing. Never looks at what an object inherits. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}
