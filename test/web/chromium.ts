/** One browser for the tests of real clusters: found on this machine, or installed on Debian; else why there is none. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { whyNoNodes } from "../nodes/bed.ts";
import { checkout } from "../support/checkout.ts";

declare module "vitest" {
  interface ProvidedContext {
    browser: { path: string } | { none: string };
  }
}

export default function setup(project: TestProject): void {
  project.provide("browser", findChromium());
}

/** Takes a minute or so where it has to be installed. */
export function findChromium(): { path: string } | { none: string } {
  const none = whyNoNodes();
  // Without a cluster there is nothing to look at.
  if (none !== undefined) return { none };
  const known = spawnSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" });
  if (known.status === 0) return { path: known.stdout.trim() };
  if (spawnSync("sh", ["-c", "command -v apt-get"]).status !== 0) return { none: "it needs Debian's chromium" };
  const found = spawnSync(join(checkout, "test/web/chromium"), {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return found.status === 0 ? { path: found.stdout.trim() } : { none: "chromium cannot be installed" };
}
