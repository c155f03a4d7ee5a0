/** What a folder holds, as one number. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** SHA-256 (hex) over the relative paths and contents of every file below `folder`; times and modes do not count. */
export async function folderDigest(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const hash = createHash("sha256");
  for (const file of files.toSorted()) {
    const content = await readFile(file);
    // Lengths keep one file's end from being another's beginning.
    hash.update(`${file.slice(folder.length + 1)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}
