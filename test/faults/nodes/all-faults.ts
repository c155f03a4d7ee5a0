/**
 * Every fault that is played on nodes, and those that a choice of words picks.
 *
 * Rows of the catalogue that are not here: B02 ends before anything is contacted (ssh-way.test.ts); B05 needs a metadata
 * service, and a container's user data is a file; B13 needs a kernel with Lustre (ready.test.ts, node-boot.test.ts); B14
 * ends well (boot.test.ts); B15 needs hundreds of nodes (hand-over.test.ts, test/ssh). B11 is played by what tells of
 * the clock, for all nodes have one; that workers' clocks differ is the Hail job's to find.
 */
import { bootFaults } from "./boot-faults.ts";
import type { NodeFault } from "./fault.ts";
import { serviceFaults } from "./service-faults.ts";
import { sshFaults } from "./ssh-faults.ts";

export const allFaults: readonly NodeFault[] = [...serviceFaults, ...bootFaults, ...sshFaults];

/** @throws Error when there is no such fault, or more than one */
export function faultCalled(name: string): NodeFault {
  const [found, ...others] = allFaults.filter((fault) => fault.name.includes(name));
  if (!found || others.length > 0) throw new Error(`'${name}' names ${found ? "more than one fault" : "no fault"}`);
  return found;
}
