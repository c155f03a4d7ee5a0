/** The processes of one case, found by the home folder that only they have. Linux only, as `/proc` is. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export type Found = { pid: number; program: string };

export function processesOf(home: string): Found[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, "latin1").split("\0");
        if (!environment.includes(`HOME=${home}`)) return [];
        const program = readlinkSync(`/proc/${name}/exe`).split("/").at(-1) ?? "";
        return [{ pid: Number(name), program }];
      } catch {
        // It ended while we looked, or is a zombie.
        return [];
      }
    });
}

/** Sends a signal, to a whole group when `pid` is negative; fine when nobody is there any more. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks `isSo` every `everyMs` until it is, for at most `timeoutMs`; whether it became so. */
export async function became(
  isSo: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 100,
): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await pause(everyMs)) if (await isSo()) return true;
  return isSo();
}
