/** The real nodes of the demo's servers, where this machine can have them. */
import { existsSync } from "node:fs";
import { bakedFolder } from "../nodes/baked.ts";
import { bedName, holdBed, whyNoNodes, type Bed } from "../nodes/bed.ts";

export type Ground = { bed: Bed; root: string };

/** What real nodes stand on; why there can be none where that is so. */
export async function openGround(): Promise<Ground | { none: string }> {
  const none = whyNoNodes();
  if (none !== undefined) return { none };
  const root = process.env["HAILSTACK_NODES_ROOT"] ?? (await bakedFolder());
  if (!existsSync(root)) return { none: "no image is baked yet; 'npm run bake -- nodes' bakes one in some minutes" };
  return { bed: await holdBed(bedName({ bed: "w", net: "10.97.9" })), root };
}
