/** TOML text → plain data. Where something stands is asked of a second parser, loaded only when someone asks. */
import parse from "@iarna/toml/parse-string.js";
import type { HailstackError } from "../errors.ts";
import type { Fault, Located, Path } from "./faults.ts";
import type { Positions } from "./positions.ts";
import { TomlFloat } from "./toml-types.ts";

export type TomlFile = {
  /** As the user named it. */
  readonly path: string;
  /** Strings, numbers, booleans, bigints, dates, TomlFloats, lists, and tables that inherit nothing. */
  readonly data: Table;
  /** Keys defined twice, and what is nested too deeply; both are left out of `data`. */
  readonly faults: readonly Located[];
  locate(faults: readonly Fault[]): Promise<Located[]>;
};
export type Table = Record<string, unknown>;

/** No table of ours goes half as deep. */
const maxDepth = 8;

/** @throws HailstackError (2) `toml-syntax` or `toml-too-deep` with `path:line:col`, never quoting the text */
export async function parseToml(path: string, text: string): Promise<TomlFile> {
  const { raw, positions, faults, skip } = await readForm(path, text);
  let known = positions;
  const positionsOf = async (): Promise<Positions> => (known ??= await readPositions(path, text));
  const locate = async (more: readonly Fault[]): Promise<Located[]> =>
    more.length === 0 ? [] : (await positionsOf()).locate(path, more);

  const deep: Fault[] = [];
  const data = plainTable(raw, { path: [], skip, deep });
  if (mayHoldFloats.test(text)) markFloats(data, (await positionsOf()).floats);
  return { path, data, faults: [...faults, ...(await locate(deep))], locate };
}

type Form = { raw: object; positions?: Positions; faults: readonly Located[]; skip: ReadonlySet<string> };

async function readForm(path: string, text: string): Promise<Form> {
  let trouble: unknown;
  try {
    return { raw: parse(text), faults: [], skip: new Set() };
  } catch (error) {
    trouble = error;
  }
  const { mendDuplicates } = await import("./toml-duplicates.ts");
  const mended = mendDuplicates(path, text);
  if (mended === undefined) throw await syntaxError(path, text, trouble);
  try {
    return { raw: parse(mended.text), positions: mended.positions, faults: mended.faults, skip: mended.markers };
  } catch (error) {
    throw await syntaxError(path, text, error);
  }
}

async function readPositions(path: string, text: string): Promise<Positions> {
  const module = await import("./positions.ts");
  try {
    return module.readPositions(text);
  } catch (error) {
    // The second parser is stricter in places, and runs out of stack earlier.
    throw await syntaxError(path, text, error);
  }
}

async function syntaxError(path: string, text: string, cause: unknown): Promise<HailstackError> {
  const module = await import("./toml-trouble.ts");
  return module.syntaxError(path, text, cause);
}

type Place = { path: Path; skip: ReadonlySet<string>; deep: Fault[] };

/** Copies what the parser made: its tables are objects with a prototype, and it boxes big integers. */
function plainTable(raw: object, { path, skip, deep }: Place): Table {
  const table: Table = Object.create(null);
  for (const [key, value] of Object.entries(raw)) {
    if (!skip.has(key)) table[key] = plain(value, { path: [...path, key], skip, deep });
  }
  return table;
}

function plain(raw: unknown, place: Place): unknown {
  const { path, deep } = place;
  if (typeof raw !== "object" || raw === null || raw instanceof Date) return raw;
  const big = boxedInteger(raw);
  if (big !== undefined) return big;
  if (path.length >= maxDepth) {
    const message = "lists or tables are nested too deeply";
    deep.push({ path, at: "key", slug: "config-too-deep", message, fix: "delete what is nested there" });
    return undefined;
  }
  if (Array.isArray(raw)) return raw.map((entry, index) => plain(entry, { ...place, path: [...path, index] }));
  return plainTable(raw, place);
}

/** Integers beyond 2^53 come as objects of the parser's own; a table may have a key `valueOf`, and is not asked. */
function boxedInteger(raw: object): bigint | undefined {
  if (Array.isArray(raw) || Object.getPrototypeOf(raw) === Object.prototype) return undefined;
  const value: unknown = raw.valueOf();
  return typeof value === "bigint" ? value : undefined;
}

/** Cheap, and right whenever it says no: only then is the second parser needed for a file without faults. */
const mayHoldFloats = /=\s*[+-]?\d[\d_]*(?:\.\d|[eE])/;

function markFloats(data: Table, floats: readonly Path[]): void {
  for (const path of floats) {
    let holder: unknown = data;
    for (const step of path.slice(0, -1)) holder = holds(holder, step) ? Reflect.get(holder, step) : undefined;
    const last = path.at(-1) ?? "";
    const number: unknown = holds(holder, last) ? Reflect.get(holder, last) : undefined;
    if (holds(holder, last) && typeof number === "number") Reflect.set(holder, last, new TomlFloat(number));
  }
}

const holds = (holder: unknown, step: string | number): holder is object =>
  typeof holder === "object" && holder !== null && Object.hasOwn(holder, step);
