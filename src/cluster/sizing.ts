/**
 * How much of each machine each service gets. Pure, from the flavours alone: what the master asks of the workers must
 * be exactly what they offer, so both sides come out of one sum. All memory in MiB.
 */
import type { Machines } from "./machines.ts";
import { masterShares } from "./sizing-master.ts";
import { workerShares } from "./sizing-worker.ts";

/** Flat, for templates. Heaps are ceilings (`-Xmx`). */
export type Sizing = MasterShares &
  WorkerShares & {
    /** Copies of each HDFS block. */
    replication: number;
    namenode_handlers: number;
    nfs_threads: number;
  };
export type MasterShares = {
  namenode_heap_mib: number;
  resourcemanager_heap_mib: number;
  /** MapReduce's. */
  history_heap_mib: number;
  /** Of Spark's master, and of its history server: one variable sets both. */
  spark_master_heap_mib: number;
  /** Of each notebook's or script's JVM. */
  driver_memory_mib: number;
};
export type WorkerShares = {
  datanode_heap_mib: number;
  nodemanager_heap_mib: number;
  spark_worker_heap_mib: number;
  yarn_memory_mib: number;
  yarn_vcores: number;
  /** Of one MapReduce container, its JVM's heap, and its buffer for sorting. */
  mapreduce_memory_mib: number;
  mapreduce_heap_mib: number;
  mapreduce_sort_mib: number;
  executors_per_worker: number;
  executor_cores: number;
  executor_heap_mib: number;
  executor_off_heap_mib: number;
  /** What Hail's regions of one core may take before the task fails instead of the machine. */
  off_heap_per_core_mib: number;
  spark_worker_cores: number;
  spark_worker_memory_mib: number;
};

export function sizingOf({ master, worker, workers }: Machines): Sizing {
  return {
    ...masterShares(master),
    ...workerShares(worker),
    replication: Math.min(3, Math.max(1, workers)),
    nfs_threads: Math.min(256, Math.max(8, 2 * workers)),
    namenode_handlers: Math.max(10, Math.floor(20 * Math.log(Math.max(1, workers)))),
  };
}
