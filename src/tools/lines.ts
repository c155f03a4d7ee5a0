/** The lines of a child's output, in memory that does not grow with it. */

/** Bytes of a line that are kept; the rest of a longer one is dropped as it comes. */
const longest = 64 * 1024;
const lineFeed = 10;

/** Lines as they become whole, a chunk's worth at a time; the last one need not have an end. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  let begun: Buffer[] = [];
  let size = 0;

  function keep(piece: Buffer): void {
    const fitting = piece.subarray(0, longest - size);
    if (fitting.length > 0) begun.push(fitting);
    size += fitting.length;
  }
  function finish(): string {
    const line = Buffer.concat(begun).toString("utf8");
    begun = [];
    size = 0;
    return line;
  }

  for await (const chunk of chunks) {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      keep(chunk.subarray(start, end));
      lines.push(finish());
      start = end + 1;
    }
    // A copy: what is kept of a line must not hold the whole chunk.
    keep(Buffer.from(chunk.subarray(start)));
    if (lines.length > 0) yield lines;
  }
  if (size > 0) yield [finish()];
}
