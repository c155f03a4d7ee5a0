/** How much room text takes on a terminal, in columns. The text has passed clean.ts. */

const ascii = /^[ -~]*$/;
const zeroWidth = /^[\p{M}\p{Cf}\p{Cc}]+$/u;
/** East Asian Wide and Fullwidth, and what is drawn as a picture. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{17000}-\u{18CFF}\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}|\uFE0F/u;

let segmenter: Intl.Segmenter | undefined;

/** Made when first needed: most runs print nothing but ASCII. */
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return segmenter.segment(text);
}

function graphemeWidth(grapheme: string): number {
  if (zeroWidth.test(grapheme)) return 0;
  return wide.test(grapheme) ? 2 : 1;
}

/** Columns that `text`, one line without escape sequences, takes. */
export function displayWidth(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemesOf(text)) width += graphemeWidth(segment);
  return width;
}

/** The longest beginning of `text` that fits `columns`; what was cut off is shown as `...` where that fits. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  const mark = "...".slice(0, Math.max(0, columns));
  let kept = "";
  let room = columns - mark.length;
  for (const { segment } of graphemesOf(text)) {
    room -= graphemeWidth(segment);
    if (room < 0) break;
    kept += segment;
  }
  return kept + mark;
}

/** `text` and the spaces that make it `columns` wide. */
export function pad(text: string, columns: number, side: "left" | "right" = "left"): string {
  const spaces = " ".repeat(Math.max(0, columns - displayWidth(text)));
  return side === "left" ? text + spaces : spaces + text;
}
