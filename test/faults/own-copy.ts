/** A copy of the command line that a build in the checkout does not change under a long run. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "../support/checkout.ts";

const shipped = ["dist", "cloud-init", "over-ssh", "bundles.toml", "example-config.toml", "package.json"];

/** Goes away with this process. @returns its `main.js` */
export function copyCommandLine(): string {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-copy-"));
  for (const name of shipped) cpSync(join(checkout, name), join(folder, name), { recursive: true });
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "dist/main.js");
}
