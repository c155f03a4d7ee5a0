/** JSON values as they come over the wire, and careful ways to read them. */

export type Json = null | boolean | number | string | Json[] | Fields;
export type Fields = { [key: string]: Json };

export const isFields = (value: Json | undefined): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The object, or an empty one for anything else. */
export const fieldsOf = (value: Json | undefined): Fields => (isFields(value) ? value : {});
export const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
export const textOf = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined);
export const numberOf = (value: Json | undefined): number | undefined =>
  typeof value === "number" ? value : undefined;
export const textsOf = (value: Json | undefined): string[] =>
  listOf(value).filter((item): item is string => typeof item === "string");
/** Text values by key; others are left out. */
export const textFieldsOf = (value: Json | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fieldsOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );

/** The value as Python's `repr` writes it: error messages of the real services are full of it. */
export function pythonRepr(value: Json): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") {
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
    const escaped = value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
    return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
  }
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`)
    .join(", ")}}`;
}

/** As Python's `str`: text stands without quotes. */
export const pythonStr = (value: Json): string => (typeof value === "string" ? value : pythonRepr(value));
