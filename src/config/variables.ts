/** `$NAME` and `${NAME}` in the texts of a config. */
import type { Env } from "../world.ts";
import { dotted, type Fault, type Path } from "./faults.ts";
import type { Table } from "./toml-data.ts";
import { isTable } from "./toml-types.ts";

/** How one text was made from variables. */
export type Reference = {
  readonly path: Path;
  /** Used and not set; used and set to nothing. */
  readonly unset: readonly string[];
  readonly empty: readonly string[];
  /** The text is one reference and nothing else. */
  readonly whole: boolean;
};

export type Substituted = {
  readonly data: Table;
  /** For every text with a `$` in it, by path. */
  readonly references: ReadonlyMap<string, Reference>;
};

const reference = /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g;

export const pathKey = (path: Path): string => JSON.stringify(path);

/** Replaces in texts only, never in keys; what comes out of a variable is not looked at again. Unset ones become "". */
export function substitute(data: Table, env: Env): Substituted {
  const references = new Map<string, Reference>();

  function text(value: string, path: Path): string {
    if (!value.includes("$")) return value;
    const unset: string[] = [];
    const empty: string[] = [];
    const replaced = value.replaceAll(reference, (_, braced?: string, bare?: string) => {
      const name = braced ?? bare ?? "";
      const found = Object.hasOwn(env, name) ? env[name] : undefined;
      if (found === undefined) unset.push(name);
      else if (found === "") empty.push(name);
      return found ?? "";
    });
    const whole = value.replace(reference, "").trim() === "" && value.match(reference)?.length === 1;
    references.set(pathKey(path), { path, unset, empty, whole });
    return replaced;
  }
  function any(value: unknown, path: Path): unknown {
    if (typeof value === "string") return text(value, path);
    if (Array.isArray(value)) return value.map((entry, index) => any(entry, [...path, index]));
    return isTable(value) ? table(value, path) : value;
  }
  function table(values: Readonly<Record<string, unknown>>, path: Path): Table {
    const copy: Table = Object.create(null);
    for (const [key, value] of Object.entries(values)) copy[key] = any(value, [...path, key]);
    return copy;
  }
  return { data: table(data, []), references };
}

/** How the variables of a text are the reason that it is blank, to follow its name: ` ($KEY is not set)`. */
export function blankReason(reference: Reference | undefined, secret: boolean): string {
  if (reference === undefined) return "";
  const names = reference.unset.length > 0 ? reference.unset : reference.empty;
  if (names.length === 0) return "";
  const state = reference.unset.length > 0 ? "not set" : "empty";
  const shown = names.map((name) => shownName(name, secret));
  return ` (${shown.join(", ")} ${shown.length === 1 ? "is" : "are"} ${state})`;
}

/** A literal secret may hold a `$`: then what looks like a variable's name is a part of the secret. */
function shownName(name: string, secret: boolean): string {
  return secret && !/^[A-Z][A-Z0-9_]*$/.test(name) ? "a variable" : `$${name}`;
}

/** What a text is to others; one that holds a secret may well be made of a variable and more. */
export type Secrecy = "open" | "holds a secret" | "secret";

/** What deserves a warning: unset variables, and secrets that look like an accident. */
export function referenceFaults(references: Iterable<Reference>, secrecyOf: (path: Path) => Secrecy): Fault[] {
  return [...references].flatMap((each): Fault[] => {
    const { path, unset, whole } = each;
    const name = dotted(path);
    const secrecy = secrecyOf(path);
    if (secrecy === "secret" && !whole) {
      const message = `${name} holds a '$' and looks like a variable reference; put the value in the environment`;
      const fix = `put the whole value into a variable, and set ${name} to that variable's name after a '$'`;
      return [{ path, at: "value", slug: "config-dollar-in-secret", message, fix }];
    }
    if (unset.length === 0) return [];
    const shown = unset.map((variable) => shownName(variable, secrecy !== "open")).join(", ");
    const message = `${shown} in ${name} is not set; an empty text takes its place`;
    return [
      {
        path,
        at: "value",
        slug: "config-variable-unset",
        message,
        fix: `set ${shown} in the environment or in the .env file`,
      },
    ];
  });
}
