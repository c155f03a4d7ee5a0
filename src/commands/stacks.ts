/** Opening a cluster's stack: its lock looked at, its passphrase proved. */
import { checkPassphrase, lockedError, readLocks } from "../cluster/store.ts";
import { stackName } from "../cluster/names.ts";
import type { Stacks, World } from "../world.ts";
import type { Site } from "./site.ts";

/** @throws HailstackError (4) when another run holds the lock; nothing was changed then */
export async function refuseLocked(world: World, { bucket, cluster }: Site): Promise<void> {
  const locks = await readLocks(bucket, cluster);
  if (locks.length > 0) throw lockedError(cluster, locks, world.now(), world.machine);
}

/** Runs `work` on the cluster's stack and closes it. @throws HailstackError (2) without a toolchain, (4) for the state */
export async function withStacks<T>(
  world: World,
  site: Site,
  passphrase: string,
  work: (stacks: Stacks) => Promise<T>,
): Promise<T> {
  const { loaded, cluster, cloud, state } = site;
  if (state) await checkPassphrase(state, passphrase, loaded.env);
  const stacks = await world.openStacks({
    cluster,
    stack: stackName(cluster),
    exists: state !== undefined,
    bucket: loaded.config.ceph_s3,
    passphrase,
    cloudEnv: cloud.childEnv,
  });
  try {
    return await work(stacks);
  } catch (error) {
    // Two runs can both see no lock and one then loses the race for it; the engine's words do not decide which.
    if (stacks.touched() === 0) await refuseLocked(world, site);
    throw error;
  } finally {
    await stacks.close();
  }
}
