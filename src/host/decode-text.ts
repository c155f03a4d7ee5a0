/** Bytes to text, naming the first byte that is not UTF-8 text. */
import { isUtf8 } from "node:buffer";
import { Exit, failure, type HailstackError } from "../errors.ts";

const replacement = "\u{FFFD}";

/**
 * Drops a UTF-8 byte order mark; keeps line ends as they are.
 * @throws HailstackError (2) `file-not-text` with the byte offset, counted from 0; never the bytes, which may be secret
 */
export function decodeText(bytes: Uint8Array, path: string): string {
  if (startsWith(bytes, 0xff, 0xfe) || startsWith(bytes, 0xfe, 0xff)) {
    throw notText(path, "the file is UTF-16: its byte order mark is at byte offset 0");
  }
  const nul = bytes.indexOf(0);
  const invalid = isUtf8(bytes) ? -1 : firstInvalidByte(bytes);
  if (nul >= 0 && (invalid < 0 || nul < invalid)) {
    throw notText(path, `the file is not text: there is a NUL byte at byte offset ${nul}`);
  }
  if (invalid >= 0) throw notText(path, `the file is not UTF-8 at byte offset ${invalid}`);
  return new TextDecoder().decode(bytes);
}

/**
 * The decoder does not say where it stumbled, but puts U+FFFD there; what it decoded before that has the length of
 * the valid bytes. A U+FFFD that the file itself holds is told apart by its bytes.
 */
function firstInvalidByte(bytes: Uint8Array): number {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  let seen = 0;
  let offset = 0;
  for (;;) {
    const next = text.indexOf(replacement, seen);
    offset += Buffer.byteLength(text.slice(seen, next));
    if (!startsWith(bytes.subarray(offset), 0xef, 0xbf, 0xbd)) return offset;
    seen = next + 1;
    offset += 3;
  }
}

const startsWith = (bytes: Uint8Array, ...prefix: number[]): boolean =>
  prefix.every((byte, index) => bytes[index] === byte);

const notText = (path: string, message: string): HailstackError =>
  failure(Exit.usage, "file-not-text", message, "save the file as UTF-8 text", { where: path });
