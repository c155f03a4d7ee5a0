/** Holding a cluster's lock ourselves: for the moments when we, and not the engine, change its state or its things. */
import { randomUUID } from "node:crypto";
import type { Bucket, World } from "../world.ts";
import { abandoned, lockedError, locksPrefix, readLocks } from "./store.ts";

/**
 * Runs `work` while no engine and no other hailstack can begin with this cluster. The lock is an object as the engine
 * itself makes it, and won in its way: look, write, look again, and give way when somebody else is there.
 * @throws HailstackError (4) when another run holds the lock; `work` has not begun then
 */
export async function withLock<T>(
  { bucket, cluster }: { bucket: Bucket; cluster: string },
  { machine, now, interrupts, terminal }: Pick<World, "machine" | "now" | "interrupts" | "terminal">,
  work: () => Promise<T>,
): Promise<T> {
  const key = `${locksPrefix(cluster)}${randomUUID()}.json`;
  const refuseOthers = async () => {
    const others = (await readLocks(bucket, cluster)).filter((lock) => lock.key !== key);
    if (others.length > 0) throw lockedError(cluster, others, now(), machine);
  };
  await refuseOthers();
  const { hostname, pid, user: username } = machine;
  // With nobody listening a Ctrl-C would end the process at once, and the lock would stay.
  const stopListening = interrupts.listen(() =>
    terminal.report({ event: "note", message: "stopping after this step" }),
  );
  try {
    await bucket.put(key, JSON.stringify({ pid, username, hostname, timestamp: now().toISOString() }));
    return await thenRelease(
      async () => {
        await refuseOthers();
        return work();
      },
      () => bucket.delete(key),
    );
  } finally {
    stopListening();
  }
}

/** Why `work` failed is worth more than that its lock could not be released. */
async function thenRelease<T>(work: () => Promise<T>, release: () => Promise<void>): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await release().catch(() => {});
    throw error;
  }
  await release();
  return result;
}

/**
 * Releases the locks that engines of our own have left: written since `begun` by processes of this machine that are
 * gone. A signal in the moment between the engine's taking the lock and its listening for signals leaves one.
 */
export async function releaseOurs(
  { bucket, cluster }: { bucket: Bucket; cluster: string },
  { machine }: Pick<World, "machine">,
  begun: Date,
): Promise<void> {
  for (const lock of await readLocks(bucket, cluster)) {
    if (abandoned(lock, machine) && Date.parse(lock.timestamp) >= begun.getTime()) await bucket.delete(lock.key);
  }
}
