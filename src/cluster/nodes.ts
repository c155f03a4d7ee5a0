/** The servers of a cluster that stands, as its state tells them, and which of them a word means. Pure. */
import { Exit, failure } from "../errors.ts";
import type { Role } from "./firewall.ts";
import { workerName } from "./names.ts";
import { ofKind, type ClusterState } from "./state.ts";

export type ClusterNode = {
  /** The server's id in the cloud. */
  id: string;
  /** `c1-worker-01`. */
  name: string;
  role: Role;
  /** The master's floating IP; a worker's address in the cluster's network. */
  address: string;
};

/** The master first. @throws HailstackError (3) when no create has come to its end yet */
export function clusterNodes(cluster: string, state: ClusterState): [ClusterNode, ...ClusterNode[]] {
  const { outputs } = state;
  const ids = new Map(ofKind(state, "Instance").map(({ name, id }) => [name, id]));
  const node = (name: string, role: Role, address: string): ClusterNode | undefined => {
    const id = ids.get(name);
    return id === undefined ? undefined : { id, name, role, address };
  };
  const master = outputs && node(`${cluster}-master`, "master", outputs.master_public_ip);
  if (!outputs || !master) {
    const message = `cluster '${cluster}' has no servers to reach yet: no create of it has come to its end`;
    throw failure(Exit.preflight, "cluster-unfinished", message, "hailstack create --config <the same file>", {
      where: cluster,
    });
  }
  const workers = outputs.worker_names.map((name, index) =>
    node(name, "worker", outputs.worker_private_ips[index] ?? ""),
  );
  return [master, ...workers.filter((worker) => worker !== undefined)];
}

/** By its name, with or without the cluster's, or a worker's number. @throws HailstackError (2) */
export function nodeCalled<T extends { name: string }>(cluster: string, nodes: readonly T[], word: string): T {
  const number = /^(?:worker-?)?(\d{1,6})$/.exec(word)?.[1];
  const short = number === undefined ? word : workerName(Number(number));
  const node = nodes.find(({ name }) => name === word || name === `${cluster}-${short}`);
  if (node) return node;
  const workers = nodes.length - 1;
  const range = workers > 0 ? `, ${workerName(1)} to ${workerName(workers)}, or 1 to ${workers}` : "";
  const fix = `name one of its nodes: master${range}`;
  throw failure(Exit.usage, "node-unknown", `cluster '${cluster}' has no node '${word}'`, fix);
}
