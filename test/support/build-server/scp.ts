/** The far side of `scp`, as OpenSSH's own program plays it: takes files in (`-t`) and gives them out (`-f`). */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Duplex } from "node:stream";

const ok = Buffer.from([0]);

/** Takes what comes until there is no more; `target` is a folder, or where one file shall lie. @throws Error of the protocol */
export async function takeFiles(stream: Duplex, target: string): Promise<void> {
  const input = reader(stream);
  const folders = [target];
  stream.write(ok);
  for (;;) {
    const line = await input.line();
    if (line === undefined) return;
    const current = folders.at(-1) ?? target;
    if (line === "E") folders.pop();
    else if (!line.startsWith("T")) {
      const [, kind, mode = "", size = "", name = ""] = /^([CD])([0-7]{4}) (\d+) ([^/]+)$/.exec(line) ?? [];
      if (kind === undefined) throw new Error(`scp: protocol error: ${line}`);
      const path = isFolder(current) ? join(current, name) : current;
      if (kind === "D") {
        mkdirSync(path, { recursive: true });
        folders.push(path);
      } else {
        stream.write(ok);
        writeFileSync(path, await input.bytes(Number(size)), { mode: parseInt(mode, 8) });
        // What ends a file.
        await input.bytes(1);
      }
    }
    stream.write(ok);
  }
}

/** Gives one file. @throws Error of the system when it cannot be read */
export async function giveFile(stream: Duplex, path: string): Promise<void> {
  const input = reader(stream);
  await input.bytes(1);
  const content = readFileSync(path);
  stream.write(`C0644 ${content.length} ${basename(path)}\n`);
  await input.bytes(1);
  stream.write(content);
  stream.write(ok);
  await input.bytes(1);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Lines and counted bytes of one stream, in turn. */
function reader(stream: Duplex) {
  const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);
  async function more(): Promise<boolean> {
    const { value, done } = await chunks.next();
    if (done) return false;
    held = Buffer.concat([held, value]);
    return true;
  }
  return {
    /** undefined at the end. */
    async line(): Promise<string | undefined> {
      while (!held.includes("\n")) if (!(await more())) return undefined;
      const end = held.indexOf("\n");
      const line = held.subarray(0, end).toString();
      held = held.subarray(end + 1);
      return line;
    },
    async bytes(count: number): Promise<Buffer> {
      while (held.length < count) if (!(await more())) throw new Error("scp: the other side has gone");
      const taken = held.subarray(0, count);
      held = held.subarray(count);
      return taken;
    },
  };
}
