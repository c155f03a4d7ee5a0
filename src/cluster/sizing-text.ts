/** What people are told about the sizes, and warned of. */
import type { Problem } from "../errors.ts";
import { usableMib, type Machine, type Machines } from "./machines.ts";
import { masterOf, workersOf, type ClusterPlan } from "./plan.ts";
import { problem } from "./problem.ts";
import type { Sizing } from "./sizing.ts";

/** Below these everything starts and small jobs run; nobody should take it for more. */
const comfortable = { master: 14_000, worker: 7000 } as const;

export function sizingWarnings(plan: ClusterPlan, { master, worker }: Machines): Problem[] {
  const warn = (role: "master" | "worker", flavour: string, machine: Machine): Problem[] => {
    if (usableMib(machine) >= comfortable[role]) return [];
    const message = `flavour '${flavour}' (${described(machine)}) makes a small ${role}: enough to try things, not for real data`;
    const wanted = { master: "16 GiB", worker: "8 GiB" }[role];
    return [problem(`small-${role}`, message, `choose a flavour with ${wanted} of memory or more`, flavour)];
  };
  return [
    ...warn("master", masterOf(plan).flavour, master),
    ...workersOf(plan)
      .slice(0, 1)
      .flatMap(({ flavour }) => warn("worker", flavour, worker)),
  ];
}

const described = ({ ramMib, vcpus }: Machine): string =>
  `${vcpus} ${vcpus === 1 ? "core" : "cores"}, ${ramMib} MiB of memory`;

/** The lines of a paragraph. */
export function sizingLines(sizing: Sizing): string[] {
  const { executors_per_worker: executors, executor_cores: cores, replication } = sizing;
  return [
    `  each worker   ${count(executors, "executor")} of ${count(cores, "core")} with ${sizing.executor_heap_mib} MiB of heap and ${sizing.executor_off_heap_mib} MiB beside it, ${sizing.yarn_memory_mib} MiB for YARN`,
    `  the master    ${sizing.driver_memory_mib} MiB of heap for each notebook or script`,
    `  HDFS          ${count(replication, "copy", "copies")} of each block`,
  ];
}

const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`;
