/** `Files` over this machine's file system. */
import { readFileSync, rmSync, statSync } from "node:fs";
import { Exit, failure } from "../errors.ts";
import type { Files } from "../world.ts";
import { fileTrouble, isMissing } from "./file-trouble.ts";
import { readText } from "./read-text.ts";

export function openFiles(): Files {
  return {
    async readText(path) {
      const text = readText(path);
      if (text !== undefined) return text;
      throw failure(Exit.usage, "file-missing", "no such file", "correct the path, or make the file", { where: path });
    },
    readTextIfThere: async (path) => readText(path),
    async readBytesIfThere(path) {
      try {
        return readFileSync(path);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw fileTrouble(error, path, "read");
      }
    },
    remove: async (path) => rmSync(path, { force: true }),
    async exists(path) {
      return mode(path) !== undefined;
    },
    mode: async (path) => mode(path),
    // Loaded when something is written: most runs only read, and what names the temporary files is slow to load.
    writeAtomic: async (...args) => (await import("./write-atomic.ts")).writeAtomic(...args),
    writeNew: async (...args) => (await import("./write-atomic.ts")).writeNew(...args),
  };
}

function mode(path: string): number | undefined {
  try {
    return statSync(path).mode & 0o7777;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileTrouble(error, path, "read");
  }
}
