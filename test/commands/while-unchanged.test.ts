/** The moments in which a command itself changes a cluster's state: never beside another run, never on old news. */
import { expect, test } from "vitest";
import { checkpointKey, locksPrefix, readState } from "../../src/cluster/store.ts";
import type { Site } from "../../src/commands/site.ts";
import { whileUnchanged } from "../../src/commands/stacks.ts";
import type { HailstackError } from "../../src/errors.ts";
import type { Bucket, World } from "../../src/world.ts";

const checkpoint = (time: string) => JSON.stringify({ version: 3, checkpoint: { latest: { manifest: { time } } } });
const rival = JSON.stringify({ pid: 1, username: "eve", hostname: "far", timestamp: "2026-01-01T00:00:00Z" });

/** A bucket in memory; `onPut` lets others act in the very moment in which something is written. */
function memoryBucket(objects: Map<string, string>, onPut: (key: string) => void): Bucket {
  return {
    name: "state",
    host: "store",
    get: async (key) => (objects.has(key) ? Buffer.from(objects.get(key) ?? "") : undefined),
    async put(key, body) {
      objects.set(key, String(body));
      onPut(key);
    },
    putIfAbsent: async (key, body) => !objects.has(key) && Boolean(objects.set(key, body)),
    async delete(key) {
      objects.delete(key);
    },
    list: async (prefix) =>
      [...objects.keys()].filter((key) => key.startsWith(prefix)).map((key) => ({ key, modified: new Date(0) })),
    clockSkewSeconds: () => 0,
  };
}

type Told = { problem?: HailstackError; worked: boolean; locks: string[] };

async function attempt({
  meanwhile = () => {},
  signal,
  work = () => {},
}: {
  /** What others do as soon as we have taken the lock. */
  meanwhile?: (objects: Map<string, string>) => void;
  signal?: 130 | 143;
  work?: (objects: Map<string, string>) => void;
}): Promise<Told> {
  const objects = new Map([[checkpointKey("c1"), checkpoint("2026-01-01T00:00:00Z")]]);
  const bucket = memoryBucket(objects, (key) => key.startsWith(locksPrefix("c1")) && meanwhile(objects));
  const state = await readState(bucket, "c1");
  const world = {
    machine: { hostname: "here", user: "alice", pid: 7, alive: () => true },
    now: () => new Date(0),
    interrupts: { listen: () => () => {}, exitCode: () => signal },
    terminal: { report: () => {} },
    // Only these parts of the two are for this function.
  } as unknown as World;
  let worked = false;
  const ran = whileUnchanged(world, { bucket, cluster: "c1", state } as unknown as Site, async () => {
    worked = true;
    work(objects);
  });
  const problem = await ran.then(
    () => undefined,
    (error: HailstackError) => error,
  );
  const locks = [...objects.keys()].filter((key) => key.startsWith(locksPrefix("c1")));
  return { ...(problem ? { problem } : {}), worked, locks };
}

test("while all is as it was seen, the work is done under a lock that is gone afterwards", async () => {
  const during: string[] = [];
  const told = await attempt({ work: (objects) => during.push(...objects.keys()) });

  expect(told).toEqual({ worked: true, locks: [] });
  expect(during.filter((key) => key.startsWith(locksPrefix("c1")))).toHaveLength(1);
});

test("a state that has changed since it was read stops it with 4", async () => {
  const change = (objects: Map<string, string>) => objects.set(checkpointKey("c1"), checkpoint("2026-01-01T00:00:09Z"));
  const { problem, worked, locks } = await attempt({ meanwhile: change });

  expect([problem?.exitCode, problem?.problems[0]?.slug, worked, locks]).toEqual([4, "overtaken", false, []]);
});

test("a state that has gone since it was read stops it with 4", async () => {
  const { problem, worked } = await attempt({ meanwhile: (objects) => objects.delete(checkpointKey("c1")) });

  expect([problem?.problems[0]?.slug, worked]).toEqual(["overtaken", false]);
});

test("of two that take the lock in the same moment we give way, and leave the other's alone", async () => {
  const theirs = `${locksPrefix("c1")}theirs.json`;
  const { problem, worked, locks } = await attempt({ meanwhile: (objects) => objects.set(theirs, rival) });

  expect([problem?.exitCode, problem?.problems[0]?.slug, worked, locks]).toEqual([4, "locked", false, [theirs]]);
});

test("work that fails leaves no lock", async () => {
  const { problem, locks } = await attempt({
    work: () => {
      throw new Error("the cloud said no");
    },
  });

  expect([problem?.message, locks]).toEqual(["the cloud said no", []]);
});

test.for([130, 143] as const)("a signal during the work ends the command with %i once it is done", async (signal) => {
  const { problem, worked, locks } = await attempt({ signal });

  expect([problem?.exitCode, worked, locks]).toEqual([signal, true, []]);
});
