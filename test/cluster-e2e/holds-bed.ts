/** Holds a bed with one node (arguments: name of the bed, its network, a root file system), says so, and waits. */
import { holdBed } from "../nodes/bed.ts";

const [bed = "", net = "", root = ""] = process.argv.slice(2);
const held = await holdBed({ bed, net });
await held.nodes("add", "c1-master", `${net}.10`, "--root", root);
process.stdout.write("there is a node\n");
setTimeout(() => {}, 600_000);
