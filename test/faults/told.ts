/** What a user may see of a run, whatever happened to it. */
import type { Ran } from "../support/rig.ts";

/** The promises about output that this run broke, in words, beyond secrets, which the rig looks for; empty when all is well. */
export function brokenWords({ stdout, stderr, code, signal }: Ran): string[] {
  const text = stdout + stderr;
  const broken: string[] = [];
  if (/^\s+at .+:\d+:\d+\)?$/m.test(text) || /^goroutine \d+ \[/m.test(text)) broken.push("shows a stack trace");
  if (text.includes("error[internal]")) broken.push("takes this for a bug of its own");
  if (code === 0 || signal !== null) return broken;
  // Before anything has begun there is nothing to say to somebody who pressed Ctrl-C.
  if (code === 130 && !/error\[/.test(stderr)) return broken;
  const said = /^hailstack: error\[[a-z0-9-]+\]: \S/m.test(stderr) && /^ {2}fix: \S/m.test(stderr);
  return said ? broken : [...broken, `ends with ${code} and says not why and what to do`];
}

/** The slugs of its errors. */
export const slugs = ({ stderr }: Ran): string[] =>
  [...stderr.matchAll(/^hailstack: error\[([a-z0-9-]+)\]/gm)].map(([, slug]) => slug ?? "");
