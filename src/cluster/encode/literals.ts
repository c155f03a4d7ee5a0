/** Whole literals, quotes and all: JSON (and so YAML), and Python. */
import { textOf, Unwritable } from "./unwritable.ts";

/** Of a text, number, yes or no, or a list of those. @throws Unwritable */
export function json(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => json(item)).join(", ")}]`;
  if (value === null) return "null";
  if (typeof value !== "string") return textOf(value);
  // Line separators end a line for some readers of YAML and JavaScript.
  return JSON.stringify(textOf(value)).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** As json, in Python's words. @throws Unwritable */
export function python(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => python(item)).join(", ")}]`;
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return textOf(value);
  if (typeof value !== "string") throw new Unwritable(`it is ${typeof value}`);
  // In ASCII alone, whatever the file's encoding is taken for.
  const quoted = JSON.stringify(textOf(value));
  return quoted.replaceAll(/[^ -~]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
