/** What TOML calls a value, also where JavaScript has one type for two of its. */

/** A number written as a float, which would else look like the integer it equals. */
export class TomlFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** With its article, to end "must be a string, not …". */
export function typeName(value: unknown): string {
  if (typeof value === "string") return "a string";
  if (typeof value === "boolean") return "a boolean";
  if (typeof value === "bigint") return "an integer beyond 2^53";
  if (typeof value === "number") return Number.isInteger(value) ? "an integer" : "a float";
  if (value instanceof TomlFloat) return "a float";
  if (value instanceof Date) return "a date or time";
  return Array.isArray(value) ? "a list" : "a table";
}

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  const other = Array.isArray(value) || value instanceof Date || value instanceof TomlFloat;
  return typeof value === "object" && value !== null && !other;
}
