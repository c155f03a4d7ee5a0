/** Keeps what developers need to know about a bug where no user has to look at it. */
import { join } from "node:path";
import type { Files } from "../world.ts";
import type { Mask } from "./mask.ts";

/**
 * Writes the stack of `error` and of its causes, masked, to a new file in `folder`, 0600, and returns its path;
 * undefined when that is impossible, for the bug itself is the news.
 */
export async function saveBugReport(
  error: unknown,
  { files, folder, mask }: { files: Files; folder: string; mask: Mask },
): Promise<string | undefined> {
  const time = new Date().toISOString().replaceAll(/[^\dTZ]/g, "");
  const path = join(folder, `bug-${time}-${process.pid}.txt`);
  try {
    await files.writeAtomic(path, mask.apply(`${stacksOf(error).join("\ncaused by: ")}\n`), 0o600);
    return path;
  } catch {
    return undefined;
  }
}

/** A chain of causes may be a circle. */
function stacksOf(error: unknown, seen = new Set<unknown>()): string[] {
  if (seen.has(error)) return [];
  seen.add(error);
  if (!(error instanceof Error)) return [String(error)];
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? [own] : [own, ...stacksOf(error.cause, seen)];
}
