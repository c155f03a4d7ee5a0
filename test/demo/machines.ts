/** The real nodes of the demo's servers, where this machine can have them. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { bakedFolder, bakedRoot } from "../nodes/baked.ts";
import { bedName, holdBed, whyNoNodes, type Bed } from "../nodes/bed.ts";

export type Ground = { bed: Bed; root: string };

/**
 * What real nodes stand on; why there can be none where that is so. Bakes their image where there is none yet.
 * @throws Error when the bake fails or `signal` ends it
 */
export async function openGround(signal: AbortSignal, say: (text: string) => void): Promise<Ground | { none: string }> {
  const none = whyNoNodes();
  if (none !== undefined) return { none };
  const given = process.env["HAILSTACK_NODES_ROOT"];
  const baked = given ?? (await bakedFolder());
  if (!existsSync(baked) && spawnSync("sh", ["-c", "command -v apt-get"]).status !== 0)
    return { none: "no image is baked, and Debian alone bakes one" };
  const root = given ?? (await bakeOnce(baked, signal, say));
  return { bed: await holdBed(bedName({ bed: "w", net: "10.97.9" })), root };
}

/** Nobody who sees the demo for the first time knows that there is something to bake. */
async function bakeOnce(baked: string, signal: AbortSignal, say: (text: string) => void): Promise<string> {
  if (existsSync(baked)) return baked;
  say("The servers are to be real, and there is no image for them yet: it is baked now, with Hail, Spark, Hadoop and");
  say("JupyterLab in it. That takes 3 to 5 minutes, once; Ctrl-C stops it. Without: npm run demo -- --api");
  const begun = performance.now();
  const root = await bakedRoot({ fresh: false, signal, say: (text) => say(`  ${text}`) });
  say(`Baked in ${Math.round((performance.now() - begun) / 1000)} s: ${root}`);
  return root;
}
