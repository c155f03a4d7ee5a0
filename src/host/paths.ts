/** Folders of our own on this machine: XDG's where they can be used, private ones below the temporary folder else. */
import { access, chmod, constants, lstat, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Exit, failure } from "../errors.ts";
import type { Env } from "../world.ts";
import { makeFolder } from "./make-folder.ts";
import { xdgFolder, type Kind } from "./xdg.ts";

/** Things that can be made again, such as the toolchain. The folder exists and is writable. */
export const cacheDir = (env: Env): Promise<string> => usableFolder("cache", env);
/** Things worth keeping between runs, such as console logs of failed servers. The folder exists and is writable. */
export const stateDir = (env: Env): Promise<string> => usableFolder("state", env);
/** Things of running processes only. The folder exists and is writable. */
export const runtimeDir = (env: Env): Promise<string> => usableFolder("runtime", env);

async function usableFolder(kind: Kind, env: Env): Promise<string> {
  const wanted = xdgFolder(kind, env);
  if (wanted !== undefined && (await canUse(wanted))) return wanted;
  const own = join(await privateTemporaryFolder(env), kind);
  await makeFolder(own);
  return own;
}

/** Somebody else's folder counts as unusable even for root: what is run from it must be ours. */
async function canUse(folder: string): Promise<boolean> {
  try {
    await makeFolder(folder);
    const { uid, mode } = await stat(folder);
    if (uid !== ownUid()) return false;
    if ((mode & 0o022) !== 0) await chmod(folder, mode & 0o755);
    await access(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A predictable name in a shared folder: another user may have been there first, so it is checked, not trusted. */
async function privateTemporaryFolder(env: Env): Promise<string> {
  const uid = ownUid();
  const folder = resolve(env["TMPDIR"] || "/tmp", `hailstack-${uid}`);
  const fix = "set TMPDIR to a folder of your own that can be written";
  try {
    await makeFolder(folder);
  } catch (cause) {
    throw failure(Exit.failed, "no-writable-folder", "no folder of this machine can be written", fix, {
      where: folder,
      cause,
    });
  }
  const found = await lstat(folder);
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return folder;
  throw failure(Exit.failed, "temporary-folder-not-private", "the folder belongs to others or is open to them", fix, {
    where: folder,
  });
}

/** Not from the user database: containers run as ids that are not in it. */
const ownUid = (): number => process.getuid?.() ?? -1;
