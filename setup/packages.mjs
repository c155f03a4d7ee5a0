/** The locked npm packages, and the pinned Node among them. */
import { join } from "node:path";
import { hashOf, root, run, step } from "./steps.mjs";

export async function installPackages() {
  const stamp = join(root, "node_modules/.hailstack-setup");
  const log = join(root, "node_modules/.hailstack-setup.log");
  await step("npm packages", stamp, hashOf(["package.json", "package-lock.json"], process.platform), async () => {
    // Nobody's install scripts but the one that puts the pinned Node in place.
    await run("npm", ["ci", "--ignore-scripts"], { log });
    await run("npm", ["rebuild", "node", "--ignore-scripts=false", "--foreground-scripts"], { log });
  });
}
