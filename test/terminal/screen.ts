/**
 * A terminal as far as hailstack uses one: text, line breaks, wrapping, and the four sequences of ECMA-48 and DEC that
 * the live region writes. Anything else is an error, so a stray escape sequence fails the test.
 */
import { Writable } from "node:stream";
import { displayWidth } from "../../src/terminal/width.ts";

// oxlint-disable-next-line no-control-regex -- they are what it reads
const sequences = /\u001B\[(\d*)A|\r|\u001B\[J|\u001B\[\?25([hl])|\u001B\[(\d+)m|\n|[^\u001B\r\n]/gu;

export class FakeTerminal extends Writable {
  readonly isTTY = true;
  /** 0 when the terminal does not tell; then it has 80. */
  columns: number;
  rows = 24;
  cursorVisible = true;
  /** Everything that was written, for what lines() cannot tell. */
  raw = "";
  writes = 0;
  #lines = [""];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    super({ decodeStrings: false });
    this.columns = columns;
  }

  /** What a person sees, from the first line ever printed to the last that is not empty. */
  lines(): string[] {
    const last = this.#lines.findLastIndex((line) => line !== "");
    return this.#lines.slice(0, last + 1);
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.raw += chunk;
    this.writes += 1;
    let read = 0;
    for (const match of chunk.matchAll(sequences)) {
      if (match.index !== read) throw new Error(`unknown sequence in ${JSON.stringify(chunk.slice(read))}`);
      read += match[0].length;
      this.#obey(match);
    }
    if (read !== chunk.length) throw new Error(`unknown sequence in ${JSON.stringify(chunk.slice(read))}`);
    done();
  }

  #obey([text, up, cursor, colour]: RegExpMatchArray): void {
    if (up !== undefined) this.#row = Math.max(0, this.#row - Number(up || 1));
    else if (cursor !== undefined) this.cursorVisible = cursor === "h";
    else if (text === "\u001B[J") this.#lines.splice(this.#row, Infinity, "");
    else if (text === "\n") this.#nextRow();
    else if (text === "\r") this.#column = 0;
    else if (colour === undefined) this.#put(text);
  }

  #put(text: string): void {
    const width = displayWidth(text);
    if (this.#column + width > (this.columns || 80)) this.#nextRow();
    this.#lines[this.#row] += text;
    this.#column += width;
  }

  #nextRow(): void {
    this.#row += 1;
    this.#column = 0;
    this.#lines[this.#row] ??= "";
  }
}

/** A stream that is not a terminal and remembers what was written. */
export class FakePipe extends Writable {
  text = "";

  constructor() {
    super({ decodeStrings: false });
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }

  lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }
}
