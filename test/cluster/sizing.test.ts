import { describe, expect, test } from "vitest";
import { sizingOf } from "../../src/cluster/sizing.ts";
import { sizingLines, sizingWarnings } from "../../src/cluster/sizing-text.ts";
import { usableMib, type Machine } from "../../src/cluster/machines.ts";
import { seeded } from "../config/world.ts";
import { planOf } from "../support/plans.ts";

const gib = (vcpus: number, memory: number): Machine => ({ vcpus, ramMib: memory * 1024 });
const of = (worker: Machine, master: Machine = gib(8, 32), workers = 2) => sizingOf({ master, worker, workers });

describe("a worker", () => {
  /** Cores, GiB; MiB of YARN, executors and their cores, heap, off-heap; per core off-heap alone, and both. */
  const table = [
    [4, 16, 2048, 1, 4, 3592, 5388, 1347, 2245],
    [8, 32, 3584, 2, 4, 4656, 6985, 1746, 2910],
    [8, 64, 8192, 2, 4, 9774, 14_661, 3665, 6108],
    [16, 64, 8192, 4, 4, 4886, 7331, 1832, 3054],
    [16, 128, 17_408, 4, 4, 10_004, 15_007, 3751, 6252],
    [30, 240, 33_280, 7, 4, 10_848, 16_274, 4068, 6780],
    [60, 480, 67_072, 15, 4, 10_200, 15_302, 3825, 6375],
  ] as const;
  test.for(table)("of %i cores and %i GiB", ([vcpus, memory, yarn, executors, cores, heap, offHeap, hard, soft]) => {
    const sizing = of(gib(vcpus, memory));
    expect(sizing).toMatchObject({
      yarn_memory_mib: yarn,
      yarn_vcores: vcpus,
      executors_per_worker: executors,
      executor_cores: cores,
      executor_heap_mib: heap,
      executor_off_heap_mib: offHeap,
      off_heap_per_core_mib: soft,
      spark_worker_cores: executors * cores,
      spark_worker_memory_mib: executors * heap,
    });
    expect(Math.floor(sizing.executor_off_heap_mib / cores)).toBe(hard);
  });

  test("of 4 GiB has room for all its daemons and one executor at once", () => {
    const machine = gib(2, 4);
    const sizing = of(machine);
    const daemons = sizing.datanode_heap_mib + sizing.nodemanager_heap_mib + sizing.spark_worker_heap_mib;
    const executors = sizing.executor_heap_mib + sizing.executor_off_heap_mib;
    expect(sizing.executors_per_worker).toBe(1);
    expect(daemons * 1.25 + executors + sizing.yarn_memory_mib + 512).toBeLessThanOrEqual(usableMib(machine));
  });

  test("of one core can run a MapReduce job, whose master and task are two containers", () => {
    const sizing = of(gib(1, 2));
    expect(sizing.yarn_vcores).toBe(2);
    expect(2 * sizing.mapreduce_memory_mib).toBeLessThanOrEqual(sizing.yarn_memory_mib);
    expect(sizing.mapreduce_sort_mib).toBeLessThan(sizing.mapreduce_heap_mib);
  });

  test("offers what the executors ask for, whatever its size", () => {
    const random = seeded(5);
    for (let tries = 0; tries < 1000; tries += 1) {
      const machine = { vcpus: 1 + Math.floor(random() * 128), ramMib: 512 + Math.floor(random() ** 3 * 1_000_000) };
      const sizing = of(machine);
      const wrong = Object.entries(sizing).filter(([, value]) => !Number.isSafeInteger(value) || value <= 0);
      expect(wrong).toEqual([]);
      expect(sizing.executor_heap_mib).toBeGreaterThanOrEqual(512);
      expect(sizing.spark_worker_cores).toBeLessThanOrEqual(machine.vcpus);
      expect(sizing.spark_worker_memory_mib).toBe(sizing.executors_per_worker * sizing.executor_heap_mib);
    }
  });
});

describe("a master", () => {
  test.for([
    [8, 2],
    [16, 4],
    [32, 17],
    [64, 42],
    [128, 93],
  ] as const)("of %i GiB leaves about %i GB to a driver", ([memory, driver]) => {
    expect(Math.floor(of(gib(8, 8), gib(8, memory)).driver_memory_mib / 1000)).toBe(driver);
  });

  test("of 8 GiB has room for all its daemons and a driver at once", () => {
    const machine = gib(2, 8);
    const { namenode_heap_mib, resourcemanager_heap_mib, history_heap_mib, spark_master_heap_mib, driver_memory_mib } =
      of(gib(2, 4), machine);
    const heaps = namenode_heap_mib + resourcemanager_heap_mib + history_heap_mib + 1.5 * spark_master_heap_mib;
    expect(heaps * 1.25 + driver_memory_mib + 1536).toBeLessThanOrEqual(usableMib(machine));
  });

  test("is never asked for less than a driver starts with", () => {
    expect(of(gib(1, 1), gib(1, 1)).driver_memory_mib).toBe(640);
  });
});

test.for([
  [1, 1],
  [2, 2],
  [3, 3],
  [100, 3],
])("%i workers keep %i copies of a block", ([workers = 0, copies]) => {
  expect(of(gib(4, 16), gib(8, 32), workers).replication).toBe(copies);
});

test("more workers want more of those who answer them", () => {
  expect(of(gib(4, 16), gib(8, 32), 1)).toMatchObject({ namenode_handlers: 10, nfs_threads: 8 });
  expect(of(gib(4, 16), gib(8, 32), 1000)).toMatchObject({ namenode_handlers: 138, nfs_threads: 256 });
});

describe("small machines", () => {
  const slugs = (master: Machine, worker: Machine) =>
    sizingWarnings(planOf(), { master, worker, workers: 2 }).map(({ slug }) => slug);
  test("are warned of, by role", () => {
    expect(slugs(gib(8, 16), gib(2, 8))).toEqual([]);
    expect(slugs(gib(2, 8), gib(2, 8))).toEqual(["small-master"]);
    expect(slugs(gib(2, 8), gib(2, 4))).toEqual(["small-master", "small-worker"]);
  });

  test("with the flavour and a way out", () => {
    const machines = { master: gib(8, 16), worker: gib(1, 2), workers: 2 };
    expect(sizingWarnings(planOf(), machines)).toEqual([
      {
        slug: "small-worker",
        message:
          "flavour 'm2.small' (1 core, 2048 MiB of memory) makes a small worker: enough to try things, not for real data",
        fix: "choose a flavour with 8 GiB of memory or more",
        where: "m2.small",
      },
    ]);
  });
});

test("people are told in three lines", () => {
  expect(sizingLines(of(gib(8, 32)))).toEqual([
    "  each worker   2 executors of 4 cores with 4656 MiB of heap and 6985 MiB beside it, 3584 MiB for YARN",
    "  the master    17200 MiB of heap for each notebook or script",
    "  HDFS          2 copies of each block",
  ]);
});
