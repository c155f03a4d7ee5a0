/** `mkdir -p`, because Node's own never ends where a parent exists but takes no folders, such as below /proc. */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf } from "./file-trouble.ts";

/** Makes the folder and its missing parents, each 0700; fine when it is there. @throws what mkdir(2) answers */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const parent = dirname(path);
    if (codeOf(error) === "ENOENT" && parent !== path && !(await isThere(parent))) {
      await makeFolder(parent);
      await makeFolder(path);
    } else if (!(await isFolder(path))) throw error;
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
