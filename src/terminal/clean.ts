/**
 * Text from outside (names in a cloud, messages of servers, paths) must not steer the terminal. Everything that is
 * printed for people passes here once, in terminal.ts.
 */
import type { Progress } from "../world.ts";

/** Colours, cursor moves, window titles, links: a whole sequence goes, not only its first byte. */
const escapeSequences = new RegExp(
  [
    String.raw`(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]`,
    String.raw`(?:\u001B[\]PX^_]|[\u0090\u0098\u009D-\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)`,
    String.raw`\u001B[ -/]*[0-~]`,
  ].join("|"),
  "g",
);
/** What is left of them, and the marks that make text read in another order than it is written. */
const invisibleControls = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Text of several lines without control characters, escape sequences and lone surrogates; tabs become spaces. */
export function cleanText(text: string): string {
  const plain = text.replace(escapeSequences, "").replaceAll(/\r\n?/g, "\n").replaceAll("\t", "  ");
  return plain.replace(invisibleControls, (mark) => (mark === "\n" ? mark : "")).toWellFormed();
}

/** As cleanText, for what must stay on one line: line breaks become spaces. */
export function cleanLine(text: string): string {
  return cleanText(text)
    .trim()
    .replaceAll(/ *\n\s*/g, " ");
}

/** `progress` with `clean` applied to what may come from outside; our own words, such as the state, stay. */
export function cleanProgress(progress: Progress, clean: (text: string) => string): Progress {
  switch (progress.event) {
    case "stage": {
      const detail = progress.detail === undefined ? {} : { detail: clean(progress.detail) };
      return { ...progress, ...detail, stage: clean(progress.stage) };
    }
    case "resource":
      return { ...progress, resource: clean(progress.resource), kind: clean(progress.kind) };
    case "note":
      return { ...progress, message: clean(progress.message) };
    case "warning":
    case "error": {
      const where = progress.where === undefined ? {} : { where: clean(progress.where) };
      const excerpt = progress.excerpt === undefined ? {} : { excerpt: progress.excerpt.map(clean) };
      return { ...progress, ...where, ...excerpt, message: clean(progress.message), fix: clean(progress.fix) };
    }
    default:
      return progress;
  }
}
