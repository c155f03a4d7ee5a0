/** A value that a kind of file has no form for. Nothing is written then, rather than something else. */
export class Unwritable extends Error {
  /** @param why ends "a value …: <why>"; it may not show the value, which may be a secret */
  constructor(why: string) {
    super(`a value has no form in that file: ${why}`);
    this.name = "Unwritable";
  }
}

/** The text of what a template names. @throws Unwritable for what is neither text, number nor yes or no */
export function textOf(value: unknown): string {
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new Unwritable("it is no Unicode text");
    return value;
  }
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value === "boolean") return String(value);
  throw new Unwritable(`it is ${Array.isArray(value) ? "a list" : typeof value}`);
}

/** @throws Unwritable when `pattern` matches, with the first such character by its code point */
export function refuse(text: string, pattern: RegExp, what: string): void {
  const place = text.search(pattern);
  if (place < 0) return;
  const code = (text.codePointAt(place) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  throw new Unwritable(`it holds ${what} (U+${code})`);
}

// oxlint-disable-next-line no-control-regex -- these are what it is about
export const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;
