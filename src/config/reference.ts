/** What is made from the schema for people and editors. Nothing here runs in a command. */
import * as z from "zod/mini";
import { dotted } from "./faults.ts";
import { type About, aboutOf, type Effect } from "./fields.ts";
import { configSchema } from "./schema.ts";
import { allFields, type Field, unwrapped } from "./tree.ts";

type JsonSchema = Record<string, unknown>;

/** The JSON Schema (draft 2020-12) of a config file, for editors. A `$VARIABLE` may stand for any text. */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, {
    target: "draft-2020-12",
    io: "input",
    reused: "inline",
    override: ({ zodSchema, jsonSchema }) => {
      const about = aboutOf(zodSchema);
      if (about === undefined) return;
      for (const [key, value] of Object.entries(fieldSchema(jsonSchema, about))) Reflect.set(jsonSchema, key, value);
      if (jsonSchema.enum !== undefined) {
        delete jsonSchema.enum;
        delete jsonSchema.type;
      }
    },
  });
  // [cluster] has required fields; the schema itself fills it in only to name each of them.
  Reflect.deleteProperty(Object(schema.properties?.["cluster"]), "default");
  return { title: "hailstack config", ...schema, required: ["cluster"] };
}

/** A text that a variable fills in is checked when it has been filled in. */
const variable = { type: "string", pattern: String.raw`\$` };

/** Not every checker knows classes of Unicode; for editors, a range that holds them is near enough. */
const letters = /(?:\\p\{[LMN]\})+/g;

function fieldSchema({ items, enum: choices }: z.core.JSONSchema.BaseSchema, about: About): JsonSchema {
  const { rule, meaning, unit, example, why } = about;
  const description = `${meaning}${unit === undefined ? "" : ` Unit: ${unit}.`} On a live cluster: ${effectText(about.live)} (${why}).`;
  const text = { description, examples: [example] };
  if (choices !== undefined) return { ...text, anyOf: [{ enum: choices }, variable] };
  if (rule?.pattern === undefined) return text;
  // Blank means "left out", and a `$` is a variable's.
  const pattern = String.raw`^\s*$|\$|` + `(?:${rule.pattern().source.replaceAll(letters, "A-Za-z0-9\u00a1-\uffef")})`;
  if (items !== undefined) return { ...text, items: { type: "string", pattern } };
  return { ...text, pattern };
}

/** The reference of all fields as Markdown: a heading and a table for each table of the config. */
export function referenceTable(): string {
  const sections = Map.groupBy(allFields(), ({ path }) => dotted(path.slice(0, -1)));
  const tables = [...sections].map(([name, fields]) =>
    [`### \`[${name}]\``, "", ...head, ...fields.map(row)].join("\n"),
  );
  return `${tables.join("\n\n")}\n`;
}

const head = ["| Field | Meaning | Type | Default | On a live cluster |", "| --- | --- | --- | --- | --- |"];

function row(field: Field): string {
  const { path, about } = field;
  const unit = about.unit === undefined ? "" : ` (${about.unit})`;
  const cells = [
    `\`${path.at(-1) ?? ""}\``,
    about.meaning,
    typeText(field) + unit,
    defaultText(field),
    liveText(about),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`;
}

/** What changing each field does to a live cluster, in the order of the schema. */
export function liveFields(): { field: string; effect: Effect; why: string }[] {
  return allFields().map(({ path, about: { live, why } }) => ({ field: dotted(path), effect: live, why }));
}

const liveText = ({ live, why }: About): string => `${effectText(live)}: ${why}`;

function effectText(effect: Effect): string {
  const texts = {
    nothing: "changes nothing",
    "in place": "changed in place",
    workers: "adds or removes workers",
    refused: "refused",
  };
  return texts[effect];
}

function typeText({ schema, about }: Field): string {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodMiniEnum) return inner.options.map((choice) => `\`"${String(choice)}"\``).join(", ");
  if (inner instanceof z.ZodMiniArray) return "list of strings";
  if (inner instanceof z.ZodMiniBoolean) return "boolean";
  if (inner instanceof z.ZodMiniNumber) return "integer";
  return about.secret ? "string, secret" : "string";
}

function defaultText({ schema, about }: Field): string {
  if (about.defaultText !== undefined) return about.defaultText;
  if (!(schema instanceof z.ZodMiniDefault)) return "required";
  return `\`${JSON.stringify(schema.def.defaultValue)}\``;
}
