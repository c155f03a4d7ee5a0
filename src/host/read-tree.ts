/** A folder of text files, read whole. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** UTF-8 text of every file below `folder`, by its path from there (`etc/hosts`), in the order of the paths. */
export async function readTree(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(
    await Promise.all(
      files.toSorted().map(async (file) => [file.slice(folder.length + 1), await readFile(file, "utf8")] as const),
    ),
  );
}
