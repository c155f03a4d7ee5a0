/**
 * `.env` files, read as python-dotenv 1.2 reads them, which users of the contract have their files tested with. npm's
 * dotenv does not: it keeps most escapes, knows backticks, and neither interpolates nor reports a line it cannot read.
 */
import type { Env } from "../world.ts";

export type Dotenv = {
  /** Names and values in the order of the file; of duplicates the last. */
  readonly values: Readonly<Record<string, string>>;
  /** Lines, from 1, that are no assignment; they are skipped. */
  readonly unreadable: readonly number[];
};

/** What Python counts as white space within a line: more than ASCII's, and not the byte order mark. */
const blanks = "[\\t\\v\\f \\u001c-\\u001f\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const white = `(?:\\n|${blanks})`;
const sticky = (source: string): RegExp => new RegExp(source, "y");

const leading = sticky(`${white}*`);
const exportWord = sticky(`(?:export${blanks}+)?`);
const quotedKey = sticky("'([^']+)'");
const bareKey = sticky(`((?:(?!${white})[^=#])+)`);
const gap = sticky(`${blanks}*`);
const equals = sticky(`=${blanks}*`);
const singleQuoted = sticky(String.raw`'((?:\\'|[^'])*)'`);
const doubleQuoted = sticky(String.raw`"((?:\\"|[^"])*)"`);
const unquoted = sticky("([^\\n]*)");
const end = sticky(`(?:${blanks}*#[^\\n]*)?${blanks}*(?:\\n|$)`);
const restOfLine = sticky("[^\\n]*\\n?");
const comment = new RegExp(`${blanks}+#[^\\n]*`);
const trailing = new RegExp(`${white}+$`);

/** `env` is what `${NAME}` in values refers to first; the file's own earlier lines come second. */
export function parseDotenv(text: string, env: Env): Dotenv {
  const bindings = readBindings(text.replaceAll(/\r\n?/g, "\n"));
  // A Map, as names like `__proto__` are nothing special in a file; undefined is a name without `=`.
  const values = new Map<string, string | undefined>();
  for (const { name, value } of bindings.found) {
    values.set(name, value === undefined ? undefined : interpolate(value, values, env));
  }
  const set = [...values].filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { values: Object.fromEntries(set), unreadable: bindings.unreadable };
}

type Binding = { name: string; value: string | undefined };

function readBindings(text: string): { found: Binding[]; unreadable: number[] } {
  const found: Binding[] = [];
  const unreadable: number[] = [];
  const reader = readerOf(text);
  while (!reader.atEnd()) {
    reader.take(leading);
    if (reader.atEnd()) break;
    const start = reader.offset();
    const binding = readBinding(reader);
    if (binding === undefined) {
      unreadable.push(text.slice(0, start).split("\n").length);
      reader.take(restOfLine);
    } else if (binding !== "comment") found.push(binding);
  }
  return { found, unreadable };
}

type Reader = ReturnType<typeof readerOf>;

function readerOf(text: string) {
  let offset = 0;
  return {
    offset: () => offset,
    atEnd: () => offset >= text.length,
    next: () => text[offset],
    /** The first group, or the whole of a match; undefined, and nothing taken, without one. */
    take(pattern: RegExp): string | undefined {
      pattern.lastIndex = offset;
      const match = pattern.exec(text);
      if (match === null) return undefined;
      offset += match[0].length;
      return match[1] ?? match[0];
    },
  };
}

/** undefined when the line is no binding; the reader then stands where it stopped making sense. */
function readBinding(reader: Reader): Binding | "comment" | undefined {
  reader.take(exportWord);
  const isComment = reader.next() === "#";
  const name = isComment ? "" : reader.take(reader.next() === "'" ? quotedKey : bareKey);
  if (name === undefined) return undefined;
  reader.take(gap);
  let value: string | undefined;
  if (reader.next() === "=") {
    reader.take(equals);
    value = readValue(reader);
    if (value === undefined) return undefined;
  }
  if (reader.take(end) === undefined) return undefined;
  return isComment ? "comment" : { name, value };
}

function readValue(reader: Reader): string | undefined {
  const quote = reader.next();
  if (quote === "'") return reader.take(singleQuoted)?.replaceAll(/\\([\\'])/g, "$1");
  if (quote === '"')
    return reader.take(doubleQuoted)?.replaceAll(/\\([\\'"abfnrtv])/g, (_, code: string) => escapes[code] ?? code);
  return reader.take(unquoted)?.replace(comment, "").replace(trailing, "");
}

const escapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** `${NAME}` and `${NAME:-instead}`; also in quotes, as python-dotenv has it. */
function interpolate(value: string, earlier: ReadonlyMap<string, string | undefined>, env: Env): string {
  return value.replaceAll(/\$\{([^}:]*)(?::-([^}]*))?\}/g, (_, name: string, instead: string | undefined) => {
    const outside = Object.hasOwn(env, name) ? env[name] : undefined;
    if (outside !== undefined) return outside;
    return earlier.has(name) ? (earlier.get(name) ?? "") : (instead ?? "");
  });
}
