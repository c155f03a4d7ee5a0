/** zod's issues, said in our words: what is wrong where, what was wanted, what was there. */
import type * as z from "zod/mini";
import { dotted, type Fault, type Path, quoted, valueAt } from "./faults.ts";
import type { About, Refusal } from "./fields.ts";
import { nearest } from "./nearest.ts";
import { isTable, typeName } from "./toml-types.ts";
import { aboutField, allFields, type Field, knownKeys } from "./tree.ts";

type Checked = {
  readonly schema: z.core.$ZodType;
  readonly fields: readonly Field[];
  readonly data: unknown;
  /** True for a value that came out of a variable, and so may be a secret wherever it stands. */
  readonly substituted: (path: Path) => boolean;
};

export function issueFaults(issues: readonly z.core.$ZodIssue[], given: Omit<Checked, "fields">): Fault[] {
  const checked = { ...given, fields: allFields(given.schema) };
  const faults = issues.flatMap((issue) => issueFault(issue, checked));
  // An integer can be beyond two limits at once.
  const seen = new Set<string>();
  return faults.filter(({ path, slug }) => seen.size < seen.add(JSON.stringify([slug, path])).size);
}

function issueFault(issue: z.core.$ZodIssue, checked: Checked): Fault[] {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  const value = valueAt(checked.data, path);
  const about = aboutField(checked.schema, path);
  const shown = about?.secret === true || checked.substituted(path) ? "" : quoted(value);
  const wrong = (slug: string, what: string, fix = `correct it${exampleText(path, about)}`): Fault[] => {
    return [{ path, at: "value", slug, message: `${dotted(path)}${what}`, fix }];
  };
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...path, key], checked));
    case "invalid_type":
      if (value === undefined) return [missing(path, about)];
      return wrong("config-wrong-type", ` must be ${wantedType(issue.expected)}, not ${typeName(value)}`);
    case "invalid_value": {
      if (value === undefined) return [missing(path, about)];
      const choices = issue.values.map((choice) => `'${String(choice)}'`).join(" or ");
      if (typeof value !== "string") return wrong("config-wrong-type", ` must be ${choices}, not ${typeName(value)}`);
      return wrong("config-choice", `${shown} must be ${choices}`);
    }
    case "too_small":
      return wrong("config-out-of-range", `${shown} must be >= ${String(issue.minimum)}`);
    case "too_big":
      return wrong("config-out-of-range", `${shown} must be <= ${String(issue.maximum)}`);
    case "custom": {
      const { slug, wanted, fault, sensitive, fix } = refusalOf(issue);
      const got = fault === undefined ? "" : `: ${fault}`;
      return wrong(slug, `${sensitive ? "" : shown} must be ${wanted}${got}`, fix);
    }
    default:
      return wrong("config-invalid", " is not valid");
  }
}

/** The cast: every custom issue comes from a check of ours, and those all carry a Refusal. */
const refusalOf = (issue: z.core.$ZodIssueCustom): Refusal => issue.params as Refusal;

/** `, for example: num_workers = 4`; nothing for what is no field. */
function exampleText(path: Path, about: About | undefined): string {
  const key = path.findLast((step) => typeof step === "string");
  return about === undefined ? "" : `, for example: ${dotted([key ?? ""])} = ${tomlText(about.example)}`;
}

/** JSON's texts, numbers and lists are TOML's too. */
const tomlText = (example: About["example"]): string =>
  Array.isArray(example) ? `[${example.map((each) => JSON.stringify(each)).join(", ")}]` : JSON.stringify(example);

function missing(path: Path, about: About | undefined): Fault {
  const table = dotted(path.slice(0, -1));
  const fix = `add ${dotted(path.slice(-1))}${table === "" ? "" : ` below [${table}]`}${exampleText(path, about)}`;
  return { path, at: "table", slug: "config-missing", message: `missing required field ${dotted(path)}`, fix };
}

function unknownKey(path: Path, { schema, fields, data }: Checked): Fault {
  const name = dotted(path);
  const key = String(path.at(-1));
  const near = nearest(key, knownKeys(schema, path.slice(0, -1)));
  const kind = isTable(valueAt(data, path)) ? "table" : "key";
  const elsewhere = fields.find((field) => field.path.at(-1) === key);
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
