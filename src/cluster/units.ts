/** The units of each role, by the names that the contract's `status --detailed` and people use. Pure. */
import { nearest } from "../config/nearest.ts";
import { Exit, failure } from "../errors.ts";
import type { Role } from "./firewall.ts";

const everyNode = ["hailstack-metadata", "hailstack-first-boot", "hailstack-boot"];

/** In the order in which they start. */
export const units: Readonly<Record<Role, readonly string[]>> = {
  master: [
    ...everyNode,
    "hailstack-volume",
    "nfs-server",
    "hdfs-namenode",
    "hailstack-hdfs-layout",
    "yarn-rm",
    "mapred-history",
    "spark-master",
    "spark-history-server",
    "jupyter-lab",
    "hailstack-web-certificate",
    "nginx",
    "netdata",
    "hailstack-ready",
  ],
  worker: [...everyNode, "hdfs-datanode", "yarn-nm", "spark-worker", "netdata"],
};

/** @throws HailstackError (2) naming those that a node of this role has, and the one that was probably meant */
export function unitCalled(node: string, role: Role, word: string): string {
  const unit = word.replace(/\.service$/, "");
  if (units[role].includes(unit)) return unit;
  const near = nearest(unit, units[role]);
  const message = `${node} has no unit '${word}'${near ? `; did you mean ${near}?` : ""}`;
  throw failure(Exit.usage, "unit-unknown", message, `name one of: ${units[role].join(", ")}`);
}
