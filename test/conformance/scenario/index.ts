import type { Step } from "../step.ts";
import { floatingIps } from "./floating-ips.ts";
import { identity } from "./identity.ts";
import { images } from "./images.ts";
import { keypairs } from "./keypairs.ts";
import { ports } from "./ports.ts";
import { reads } from "./reads.ts";
import { removal } from "./removal.ts";
import { serverImages } from "./server-images.ts";
import { securityGroups } from "./security-groups.ts";
import { servers } from "./servers.ts";
import { volumesAndAttachments } from "./volumes.ts";

/** Every call, in order; later ones use what earlier ones made. */
export const scenario: readonly Step[] = [
  ...identity,
  ...reads,
  ...images,
  ...keypairs,
  ...securityGroups,
  ...ports,
  ...floatingIps,
  ...servers,
  ...serverImages,
  ...volumesAndAttachments,
  ...removal,
];
