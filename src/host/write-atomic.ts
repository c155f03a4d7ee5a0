/** Writes files so that a kill, a crash or a power cut leaves the old content or the new, never half. */
import { link, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Exit, failure } from "../errors.ts";
import { codeOf, fileTrouble, isMissing } from "./file-trouble.ts";
import { leftoverName, sweepLeftovers } from "./leftovers.ts";
import { makeFolder } from "./make-folder.ts";
import { kindOf, notRegular } from "./read-text.ts";

const temporaryPrefix = ".hailstack-tmp-";

/**
 * The old content or the new one is there at every instant, with `mode` (whatever the umask) from the first. Missing
 * parents are made 0700; a symbolic link keeps pointing where it did. Leftovers of killed runs in the same folder go.
 * @throws HailstackError (1) `file-not-written`, (2) `file-not-regular`
 */
export async function writeAtomic(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const target = await throughLinks(path);
  const there = await stat(target).catch(() => undefined);
  if (there !== undefined && !there.isFile()) throw notRegular(path, kindOf(there));
  await writeThen(target, content, mode, (temporary) => rename(temporary, target)).catch((error: unknown) => {
    throw fileTrouble(error, path, "write");
  });
}

/**
 * As writeAtomic, but never over something that exists.
 * @throws HailstackError (2) `file-exists`, (1) `file-not-written`
 */
export async function writeNew(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const target = resolve(path);
  await writeThen(target, content, mode, (temporary) => moveNew(temporary, target, mode)).catch((error: unknown) => {
    if (codeOf(error) !== "EEXIST") throw fileTrouble(error, path, "write");
    const fix = "name another file, or move this one away";
    throw failure(Exit.usage, "file-exists", "there is a file already, and it is not overwritten", fix, {
      where: path,
      cause: error,
    });
  });
}

/** Puts `content` durably into a temporary file beside `target` and hands it to `move`; leaves nothing on failure. */
async function writeThen(
  target: string,
  content: string | Uint8Array,
  mode: number,
  move: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(target);
  await makeFolder(folder);
  await sweepLeftovers(folder, temporaryPrefix);
  const temporary = join(folder, leftoverName(temporaryPrefix));
  try {
    const file = await open(temporary, "wx", mode);
    try {
      // Before the content: the umask may have taken bits off, and the content must never be there without them.
      await file.chmod(mode);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await move(temporary);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(folder);
}

/** A hard link fails when the name is taken, as one step; where there are none, the name is taken first. */
async function moveNew(temporary: string, target: string, mode: number): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(codeOf(error))) throw error;
    await (await open(target, "wx", mode)).close();
    await rename(temporary, target);
  }
}

/** Where the content really lives: a clouds.yaml may be a link into somebody's dotfiles. */
async function throughLinks(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch (error) {
    if (!isMissing(error)) throw fileTrouble(error, path, "write");
    const folder = await realpath(dirname(absolute)).catch(() => dirname(absolute));
    return join(folder, basename(absolute));
  }
}

/** Makes the rename itself survive a power cut. Some file systems cannot, and then there is nothing to be done. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch {
    // The file is in place; only its durability is the file system's affair.
  }
}
