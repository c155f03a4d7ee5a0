/**
 * The one place where secrets are taken out of what is printed or kept. It sees one write at a time, and every write
 * of this program is whole lines, so a secret cannot be split over two of them.
 */
import { cleanLine, cleanText } from "./clean.ts";
import { type Spelling, spellingsOf } from "./encodings.ts";

export type Mask = {
  /** From now on these, their lines, and all their spellings are masked. */
  add(secrets: Iterable<string>): void;
  /** `text` with `***` wherever a secret was; overlapping ones become one. */
  apply(text: string): string;
};

/**
 * Shorter ones are not masked: every line has "no" or "a1" in it, so masking would shred the output, and the holes
 * would tell the secret anyway.
 */
const shortest = 4;

type Span = { start: number; end: number };

export function createMask(): Mask {
  const secrets = new Set<string>();
  const spellings = new Map<string, Spelling>();

  return {
    add(more) {
      for (const secret of more) {
        for (const form of formsOf(secret)) {
          if (form.length < shortest || secrets.has(form)) continue;
          secrets.add(form);
          for (const spelling of spellingsOf(form)) spellings.set(keyOf(spelling), spelling);
        }
      }
    },
    apply(text) {
      const spans = [...spellings.values()].flatMap((spelling) => spansOf(spelling, text));
      return spans.length === 0 ? text : cover(text, spans);
    },
  };
}

const keyOf = ({ text, before, after }: Spelling): string => `${before}${after}${text}`;

/** A key file is printed line by line, a value from a file loses its line end, and what is printed gets cleaned. */
function formsOf(secret: string): string[] {
  return [secret, cleanText(secret), cleanLine(secret), ...secret.split(/\r?\n/)];
}

function spansOf({ text: wanted, before, after }: Spelling, text: string): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    spans.push({ start: at - shared(text, at - before, at), end: end + shared(text, end, end + after) });
  }
  return spans;
}

/** How many of the characters from `start` to `end` are base64, and so hold bits of the secret beside them. */
function shared(text: string, start: number, end: number): number {
  return /^[\w+/-]+$/.test(text.slice(Math.max(0, start), end)) ? end - start : 0;
}

function cover(text: string, spans: Span[]): string {
  let covered = "";
  let seen = 0;
  let last = -1;
  for (const { start, end } of spans.sort((a, b) => a.start - b.start)) {
    if (start > last) covered += `${text.slice(seen, start)}***`;
    last = Math.max(last, end);
    seen = last;
  }
  return covered + text.slice(seen);
}
