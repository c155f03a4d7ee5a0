/** zod's issues, said in our words: what is wrong where, what was wanted, what was there. */
import type * as z from "zod/mini";
import { dotted, type Fault, type Path, quoted, valueAt } from "./faults.ts";
import type { Refusal } from "./fields.ts";
import { nearest } from "./nearest.ts";
import { isTable, typeName } from "./toml-types.ts";
import { aboutField, allFields, knownKeys } from "./tree.ts";

export type Checked = {
  readonly schema: z.core.$ZodType;
  readonly data: unknown;
  /** True for a value that came out of a variable, and so may be a secret wherever it stands. */
  readonly substituted: (path: Path) => boolean;
};

export function issueFaults(issues: readonly z.core.$ZodIssue[], checked: Checked): Fault[] {
  const faults = issues.flatMap((issue) => issueFault(issue, checked));
  // One fault a place is enough: what zod says first is what is most wrong.
  const seen = new Set<string>();
  return faults.filter(({ path }) => {
    const key = JSON.stringify(path);
    return seen.size < seen.add(key).size;
  });
}

function issueFault(issue: z.core.$ZodIssue, checked: Checked): Fault[] {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  const name = dotted(path);
  const value = valueAt(checked.data, path);
  const shown = mayShow(path, checked) ? quoted(value) : "";
  const wrong = (slug: string, message: string, fix: string): Fault[] => [
    { path, at: "value", slug, message, fix },
  ];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...path, key], checked));
    case "invalid_type":
      if (value === undefined) return [missing(path)];
      return wrong("config-wrong-type", `${name} must be ${wantedType(issue.expected)}, not ${typeName(value)}`, `make ${name} ${wantedType(issue.expected)}`);
    case "invalid_value": {
      const choices = issue.values.map((choice) => `'${String(choice)}'`).join(" or ");
      if (typeof value !== "string") return wrong("config-wrong-type", `${name} must be ${choices}, not ${typeName(value)}`, `set ${name} to ${choices}`);
      return wrong("config-choice", `${name}${shown} must be ${choices}`, `set ${name} to ${choices}`);
    }
    case "too_small":
      return wrong("config-out-of-range", `${name}${shown} must be >= ${String(issue.minimum)}`, `set ${name} to ${String(issue.minimum)} or more`);
    case "too_big":
      return wrong("config-out-of-range", `${name}${shown} must be <= ${String(issue.maximum)}`, `set ${name} to ${String(issue.maximum)} or less`);
    case "custom":
      return [refused(path, shown, refusalOf(issue))];
    default:
      return wrong("config-invalid", `${name} is not valid`, `correct ${name}`);
  }
}

function refused(path: Path, shown: string, { slug, wanted, fault, sensitive, fix }: Refusal): Fault {
  const name = dotted(path);
  const got = fault === undefined ? "" : `: ${fault}`;
  return {
    path,
    at: "value",
    slug,
    message: `${name}${sensitive ? "" : shown} must be ${wanted}${got}`,
    fix: fix ?? `correct ${name}`,
  };
}

/** The cast: every custom issue comes from a check of ours, and those all carry a Refusal. */
const refusalOf = (issue: z.core.$ZodIssueCustom): Refusal => issue.params as Refusal;

function mayShow(path: Path, { schema, substituted }: Checked): boolean {
  return aboutField(schema, path)?.secret !== true && !substituted(path);
}

function missing(path: Path): Fault {
  const name = dotted(path);
  const [key, table] = [dotted(path.slice(-1)), dotted(path.slice(0, -1))];
  const fix = table === "" ? `add ${key}` : `add ${key} = … below [${table}]`;
  return { path, at: "table", slug: "config-missing", message: `missing required field ${name}`, fix };
}

function unknownKey(path: Path, { schema, data }: Checked): Fault {
  const name = dotted(path);
  const key = String(path.at(-1));
  const near = nearest(key, knownKeys(schema, path.slice(0, -1)));
  const kind = isTable(valueAt(data, path)) ? "table" : "key";
  const elsewhere = allFields(schema).find((field) => field.path.at(-1) === key);
  const meant = near === undefined ? elsewhere && dotted(elsewhere.path) : dotted([...path.slice(0, -1), near]);
  return {
    path,
    at: "key",
    slug: "config-unknown-key",
    message: `unknown ${kind} ${name}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    fix: meant === undefined ? `delete ${name}` : `write ${meant}, or delete ${name}`,
  };
}

function wantedType(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    string: "a string",
    int: "an integer",
    number: "an integer",
    boolean: "true or false",
    array: "a list",
    object: "a table",
    record: "a table",
  };
  return names[expected] ?? expected;
}
