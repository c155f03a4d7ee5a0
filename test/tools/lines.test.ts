import { expect, test } from "vitest";
import { linesOf } from "../../src/tools/lines.ts";

async function read(chunks: Iterable<string | Buffer>): Promise<string[]> {
  async function* stream() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const lines: string[] = [];
  for await (const some of linesOf(stream())) lines.push(...some);
  return lines;
}

test("lines come whole, wherever the chunks end, in the middle of a character too", async () => {
  const bytes = Buffer.from("one\n\nzwö 漢字\nlast");
  for (let size = 1; size <= bytes.length; size += 1) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    expect(await read(chunks)).toEqual(["one", "", "zwö 漢字", "last"]);
  }
});

test("of a line that never ends 64 KiB are kept, and the next one is whole", async () => {
  function* endless() {
    for (let chunk = 0; chunk < 1_000; chunk += 1) yield "x".repeat(10_000);
    yield "end\nnext\n";
  }
  expect(await read(endless())).toEqual(["x".repeat(64 * 1024), "next"]);
});

test("nothing has no lines", async () => {
  expect(await read([])).toEqual([]);
});
