/** What the services of a worker get, and what they leave to executors. */
import { usableMib, type Machine } from "./machines.ts";
import type { WorkerShares } from "./sizing.ts";

type Tier = {
  /** From so much usable memory on. */
  from: number;
  heaps: Pick<WorkerShares, "datanode_heap_mib" | "nodemanager_heap_mib" | "spark_worker_heap_mib">;
  /** All of them with what they take beside their heaps, and Netdata. */
  daemons: number;
  /** The least that the system gets. */
  system: number;
  /** The least that YARN gets. */
  yarn: number;
};

/** Largest first. */
const tiers: readonly Tier[] = [
  { from: 12_000, heaps: heaps(768, 512, 768), daemons: 3328, system: 1536, yarn: 2048 },
  { from: 7000, heaps: heaps(512, 384, 512), daemons: 2048, system: 1024, yarn: 1024 },
  { from: 0, heaps: heaps(256, 256, 256), daemons: 1152, system: 512, yarn: 512 },
];

/** What Hail works well with, as its own cluster tool has it. */
const coresOfExecutor = 4;
/** Most of what Hail holds lies outside of the JVM's heap. */
const heapShare = 0.4;
/** Spark refuses to start with less than 450 MiB. */
const smallestHeap = 512;
const smallestOffHeap = 256;

export function workerShares(machine: Machine): WorkerShares {
  const usable = usableMib(machine);
  const tier = tiers.find(({ from }) => usable >= from) ?? lowest;
  const rest = usable - Math.max(tier.system, usable * 0.05) - tier.daemons;
  const yarn = Math.max(tier.yarn, Math.floor((rest * 0.15) / 512) * 512);
  const executors = executorShares(machine, rest - yarn);
  const container = Math.min(1024, yarn / 2);
  return {
    ...tier.heaps,
    yarn_memory_mib: yarn,
    // A job's own master holds one, and its first task wants another.
    yarn_vcores: Math.max(2, machine.vcpus),
    mapreduce_memory_mib: container,
    mapreduce_heap_mib: Math.floor(container * 0.8),
    mapreduce_sort_mib: Math.min(100, Math.floor(container * 0.2)),
    ...executors,
    spark_worker_cores: executors.executors_per_worker * executors.executor_cores,
    spark_worker_memory_mib: executors.executors_per_worker * executors.executor_heap_mib,
  };
}

type ExecutorShares = Pick<
  WorkerShares,
  "executors_per_worker" | "executor_cores" | "executor_heap_mib" | "executor_off_heap_mib" | "off_heap_per_core_mib"
>;

/** As many executors as the cores make and the memory feeds, and one in any case. */
function executorShares({ vcpus }: Machine, memory: number): ExecutorShares {
  const cores = Math.min(coresOfExecutor, vcpus);
  const fed = Math.floor((memory * heapShare) / smallestHeap);
  const executors = Math.max(1, Math.min(Math.floor(vcpus / cores), fed));
  const each = Math.max(smallestHeap + smallestOffHeap, Math.floor(memory / executors));
  const heap = Math.max(smallestHeap, Math.floor(each * heapShare));
  return {
    executors_per_worker: executors,
    executor_cores: cores,
    executor_heap_mib: heap,
    executor_off_heap_mib: each - heap,
    off_heap_per_core_mib: Math.floor(each / cores),
  };
}

const lowest = tiers.at(-1) ?? never();
function never(): never {
  throw new Error("there are tiers");
}

function heaps(datanode: number, nodemanager: number, spark: number): Tier["heaps"] {
  return { datanode_heap_mib: datanode, nodemanager_heap_mib: nodemanager, spark_worker_heap_mib: spark };
}
