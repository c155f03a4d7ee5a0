/** What the services of a master get, and what they leave to drivers. */
import { usableMib, type Machine } from "./machines.ts";
import type { MasterShares } from "./sizing.ts";

type Tier = {
  /** From so much usable memory on. */
  from: number;
  heaps: Omit<MasterShares, "driver_memory_mib">;
  /** The system, and JupyterLab, nginx and Netdata. */
  others: number;
};

/** Largest first. What a daemon takes beside its heap is reckoned as a quarter of it. */
const tiers: readonly Tier[] = [
  { from: 14_000, heaps: heaps(2048, 1024, 768, 1536), others: 1536 + 1024 },
  { from: 7000, heaps: heaps(768, 512, 384, 640), others: 1024 + 512 },
  { from: 0, heaps: heaps(256, 256, 160, 256), others: 512 + 256 },
];

/** Spark refuses to start with less than 450 MiB, of which its collector hides a part. */
const smallestDriver = 640;

export function masterShares(machine: Machine): MasterShares {
  const usable = usableMib(machine);
  const tier = tiers.find(({ from }) => usable >= from) ?? lowest;
  const { namenode_heap_mib, resourcemanager_heap_mib, history_heap_mib, spark_master_heap_mib } = tier.heaps;
  // Spark's master never fills the heap that its history server may need.
  const sparkMaster = spark_master_heap_mib / 2;
  const daemons =
    (namenode_heap_mib + resourcemanager_heap_mib + history_heap_mib + spark_master_heap_mib + sparkMaster) * 1.25;
  const left = 0.8 * (usable - daemons - tier.others);
  return { ...tier.heaps, driver_memory_mib: Math.max(smallestDriver, Math.floor(left / 100) * 100) };
}

const lowest = tiers.at(-1) ?? never();
function never(): never {
  throw new Error("there are tiers");
}

function heaps(namenode: number, resourcemanager: number, history: number, spark: number): Tier["heaps"] {
  return {
    namenode_heap_mib: namenode,
    resourcemanager_heap_mib: resourcemanager,
    history_heap_mib: history,
    spark_master_heap_mib: spark,
  };
}
