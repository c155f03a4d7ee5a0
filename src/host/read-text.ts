/** Reads small text files that people wrote, and refuses everything else by name. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { Exit, failure, type HailstackError } from "../errors.ts";
import { decodeText } from "./decode-text.ts";
import { codeOf, fileTrouble, isMissing } from "./file-trouble.ts";

const maxBytes = 1024 * 1024;
const chunkBytes = 64 * 1024;

/** A FIFO without a writer must not block us, and a terminal must not become ours. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * UTF-8 text of a regular file of at most 1 MiB, without its byte order mark; undefined when nothing is there. Read at
 * once: to start the threads that would read it meanwhile takes longer than any config.
 * @throws HailstackError (2) `file-unreadable`, `file-not-regular`, `file-too-large`, `file-not-text`
 */
export function readText(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, openFlags);
  } catch (error) {
    if (isMissing(error)) return undefined;
    // What open(2) answers for a socket, and for a device without a driver.
    if (codeOf(error) === "ENXIO") throw notRegular(path, "a socket or a device");
    throw fileTrouble(error, path, "read");
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw notRegular(path, kindOf(stats));
    return decodeText(readAtMost(file, path), path);
  } finally {
    closeSync(file);
  }
}

/** The size in `stats` is not enough: files grow, and those of /proc claim to be empty. */
function readAtMost(file: number, path: string): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for (;;) {
      const chunk = Buffer.alloc(chunkBytes);
      const bytes = readSync(file, chunk);
      if (bytes === 0) return Buffer.concat(chunks);
      length += bytes;
      if (length > maxBytes) break;
      chunks.push(chunk.subarray(0, bytes));
    }
  } catch (error) {
    throw fileTrouble(error, path, "read");
  }
  const message = "the file is larger than 1 MiB, which no file that hailstack reads needs to be";
  throw failure(Exit.usage, "file-too-large", message, "name the right file", { where: path });
}

/** What stands where a file was expected, with its article. */
export function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a directory";
  if (stats.isFIFO()) return "a FIFO (named pipe)";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

/** The problem `file-not-regular`, exit 2. */
export function notRegular(path: string, kind: string): HailstackError {
  const fix = kind === "a directory" ? "name a file inside it" : "write the text to a regular file and name that";
  return failure(Exit.usage, "file-not-regular", `this is ${kind}, not a file`, fix, { where: path });
}
