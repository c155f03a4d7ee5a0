/**
 * Names for what a run leaves behind when it is killed, so that a later run can tell whose it was and sweep it.
 * A name carries a mark of the machine and the process id; the mark covers the host name (home folders are shared
 * between hosts) and the process id namespace (containers share a host name, not their process ids).
 */
import { createHash, randomBytes } from "node:crypto";
import { readlinkSync } from "node:fs";
import { lstat, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Another machine's leftovers cannot be asked whether they live; nothing of ours is in use for so long. */
const foreignLifeMs = 7 * 24 * 60 * 60 * 1000;

/** `<prefix><machine>-<pid>-<random>`: a new name at every call. */
export function leftoverName(prefix: string): string {
  return `${prefix}${machineMark()}-${process.pid}-${randomBytes(6).toString("hex")}`;
}

/** Removes from `folder` what dead processes named by `leftoverName(prefix)`. Never fails: it is only tidying. */
export async function sweepLeftovers(folder: string, prefix: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  const ours = names.filter((name) => name.startsWith(prefix));
  await Promise.all(
    ours.map(async (name) => {
      const path = join(folder, name);
      if (await isLeftover(path, name.slice(prefix.length))) {
        await rm(path, { recursive: true, force: true }).catch(() => {});
      }
    }),
  );
}

async function isLeftover(path: string, mark: string): Promise<boolean> {
  const [, machine, pid] = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{12}$/.exec(mark) ?? [];
  if (machine === undefined) return false;
  if (machine === machineMark()) return !isAlive(Number(pid));
  const modified = await lstat(path).then(
    (stats) => stats.mtimeMs,
    () => Date.now(),
  );
  return Date.now() - modified > foreignLifeMs;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is somebody else's, so the id was given out again; leave it to a later sweep.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function machineMark(): string {
  return createHash("sha256").update(`${hostname()} ${pidNamespace()}`).digest("hex").slice(0, 8);
}

function pidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
