/** `Files` over this machine's file system. */
import { readFile, rm, stat } from "node:fs/promises";
import { Exit, failure } from "../errors.ts";
import type { Files } from "../world.ts";
import { fileTrouble, isMissing } from "./file-trouble.ts";
import { readText } from "./read-text.ts";

export function openFiles(): Files {
  return {
    async readText(path) {
      const text = await readText(path);
      if (text !== undefined) return text;
      throw failure(Exit.usage, "file-missing", "no such file", "correct the path, or make the file", { where: path });
    },
    readTextIfThere: readText,
    async readBytesIfThere(path) {
      try {
        return await readFile(path);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw fileTrouble(error, path, "read");
      }
    },
    remove: (path) => rm(path, { force: true }),
    async exists(path) {
      return (await mode(path)) !== undefined;
    },
    mode,
    // Loaded when something is written: most runs only read, and what names the temporary files is slow to load.
    writeAtomic: async (...args) => (await import("./write-atomic.ts")).writeAtomic(...args),
    writeNew: async (...args) => (await import("./write-atomic.ts")).writeNew(...args),
  };
}

async function mode(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o7777;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileTrouble(error, path, "read");
  }
}
