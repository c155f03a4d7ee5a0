/** Where the tests' nodes and what they are made of lie; place.sh says the same to the scripts. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
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

/** As run, beside others; what it prints is of no interest. */
export async function runBeside(script: "nodes" | "mirror", ...args: string[]): Promise<void> {
  const child = spawn(join(checkout, "test/nodes", script), args, { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${script} ${args.join(" ")} ended with ${code}`);
}

/** Files of the nodes of one bed. */
export const bedFolder = (bed: string): string => join(place, bed === "" ? "nodes" : `nodes-${bed}`);
