/** Where the tests' nodes and what they are made of lie; place.sh says the same to the scripts. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { checkout } from "../support/checkout.ts";

export const place = process.env["HAILSTACK_NODES_DIR"] ?? "/var/tmp/hailstack-nodes";
export const baseFolder = join(place, "base");
export const mirrorFolder = join(place, "mirror");
export const imagesFolder = join(place, "images");
/** Downloads that bakes share: artefacts, Debian and Python packages. */
export const cacheFolder = join(place, "cache");

/** Runs one of the scripts here; what it says for people goes to stderr. @throws Error unless it ends well */
export const run = (script: "nodes" | "mirror", ...args: string[]): string =>
  execFileSync(join(checkout, "test/nodes", script), args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
