/** How a field of the config is declared: its schema, with everything there is to say about it beside it. */
import * as z from "zod/mini";
import type { Rule } from "./rules.ts";

/** What changing a field does to a cluster that exists. */
export type Effect = "nothing" | "in place" | "workers" | "refused";

export type About = {
  /** One sentence, as the README, the editors and example-config.toml have it. */
  readonly meaning: string;
  readonly unit?: string;
  /** A value as it would stand in the file. */
  readonly example: string | number | boolean | readonly string[];
  readonly live: Effect;
  /** Why changing it does that, to end "changing it …: <why>". */
  readonly why: string;
  /** Never shown, recorded or compared. */
  readonly secret?: true;
  /** A URL that may carry a user and password, which are a secret within a text that is none. */
  readonly userinfo?: true;
  /** The default in words, where the value alone would mislead. */
  readonly defaultText?: string;
  /** The rule of the text, or of each text of a list. */
  readonly rule?: Rule;
};

const abouts = new WeakMap<z.core.$ZodType, About>();

function described<T extends z.core.$ZodType>(schema: T, about: About): T {
  abouts.set(schema, about);
  return schema;
}

/** undefined for a table, and for anything else that was not declared here. */
export const aboutOf = (schema: z.core.$ZodType): About | undefined => abouts.get(schema);

/** What a check of ours says; issues.ts makes it a message. */
export type Refusal = { slug: string; wanted: string; fault?: string; sensitive?: true; fix?: string };

type TextOptions = About & { rule: Rule };

/** Holds a text to a rule. */
export const checkedBy = (rule: Rule, blank: "may be blank" | "not blank") =>
  z.check<string>((context) => {
    const { value } = context;
    if (value === "" && blank === "may be blank") return;
    const fault = value === "" ? "it is blank" : rule.fault(value);
    if (fault === undefined) return;
    const { slug, wanted, sensitive, fix } = rule;
    const params: Refusal = { slug, wanted, fault, ...(sensitive ? { sensitive } : {}), ...(fix ? { fix } : {}) };
    context.issues.push({ code: "custom", input: value, params });
  });

const trimmed = z.trim();

/** Fields of one rule share one schema: making them is most of what it costs to get ready to load a config. */
function perRule<T>(make: (rule: Rule) => T): (rule: Rule) => T {
  const made = new Map<Rule, T>();
  return (rule) => {
    const schema = made.get(rule) ?? make(rule);
    made.set(rule, schema);
    return schema;
  };
}
const neverBlank = perRule((rule) => z.string().check(trimmed, checkedBy(rule, "not blank")));
const maybeBlank = perRule((rule) => z.string().check(trimmed, checkedBy(rule, "may be blank")));
const listOf = perRule((rule) => z.array(neverBlank(rule)));
const boolean = z.boolean();

/** A text without which there is no cluster. Blanks around it do not count, except where `exact`. */
export const requiredText = ({ exact, ...about }: TextOptions & { exact?: true }) =>
  described(z.string().check(...(exact ? [] : [trimmed]), checkedBy(about.rule, "not blank")), about);

/** A text with a default that may not be blanked. */
export const textWithDefault = (value: string, about: TextOptions) =>
  described(z._default(neverBlank(about.rule), value), about);

/** A text that may be left out; blank means the same. */
export const optionalText = (about: TextOptions) => described(z._default(maybeBlank(about.rule), ""), about);

/** A list of texts, none of them blank. */
export const texts = (value: readonly string[], about: TextOptions) =>
  described(z._default(listOf(about.rule), [...value]), about);

export const choice = <const T extends readonly [string, ...string[]]>(choices: T, value: T[number], about: About) =>
  described(z._default(z.enum(choices), value), about);

export const onOff = (value: boolean, about: About) => described(z._default(boolean, value), about);

/** A whole number from `min` to `max`. */
export const integer = (value: number, [min, max]: readonly [number, number], about: About) =>
  described(z._default(z.int().check(z.gte(min), z.lte(max)), value), about);
