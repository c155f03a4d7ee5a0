/** How large a cluster's machines are. */
import type { CloudFacts } from "./facts.ts";
import { masterOf, workersOf, type ClusterPlan, type PlannedNode } from "./plan.ts";

export type Machine = { ramMib: number; vcpus: number };
export type Machines = { master: Machine; worker: Machine; workers: number };

/** What the kernel and its tables leave of a flavour's memory. */
export const usableMib = ({ ramMib }: Machine): number => Math.floor(ramMib * 0.97);

/** Stands in for a flavour that nobody knows, which preflight refuses where a server would be made of it. */
const unknown: Machine = { ramMib: 2048, vcpus: 1 };

/** From the flavours on offer; where one was retired, from what a server of it says it has. */
export function machinesOf(plan: ClusterPlan, { flavours, servers }: CloudFacts): Machines {
  const workers = workersOf(plan);
  const of = (node: PlannedNode | undefined): Machine => {
    const server = servers.find(({ name, flavour }) => name === node?.name && flavour === node.flavour);
    return flavours.find(({ name }) => name === node?.flavour) ?? server ?? unknown;
  };
  return { master: of(masterOf(plan)), worker: of(workers[0]), workers: workers.length };
}
