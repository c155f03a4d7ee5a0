/** Opening a cluster's stack: its lock looked at, its passphrase proved. */
import { releaseOurs, withLock } from "../cluster/lock.ts";
import { stackName } from "../cluster/names.ts";
import { checkPassphrase, lockedError, readLocks, readState } from "../cluster/store.ts";
import { Exit, failure, HailstackError } from "../errors.ts";
import type { Stacks, World } from "../world.ts";
import type { Site } from "./site.ts";

const engineTools: ReadonlySet<string> = new Set(["pulumi", "pulumi-resource-openstack"]);

/** @throws HailstackError (2) when a program that the engine consists of is missing or unfit; contacts nothing */
export async function requireEngine(world: World): Promise<void> {
  const tools = (await world.findTools()).filter(({ name }) => engineTools.has(name));
  const problems = tools.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) throw new HailstackError(Exit.usage, problems);
}

/** @throws HailstackError (4) when another run holds the lock; nothing was changed then */
export async function refuseLocked(world: World, { bucket, cluster }: Site): Promise<void> {
  const locks = await readLocks(bucket, cluster);
  if (locks.length > 0) throw lockedError(cluster, locks, world.now(), world.machine);
}

/**
 * Runs `work` while nobody else can change the cluster, and only if nobody has since `site` was read: what looked like
 * the leftover of a killed run may by now be a server of one that ended well.
 * @throws HailstackError (4) when locked or overtaken; (130, 143) after `work` when a signal came meanwhile
 */
export async function whileUnchanged(world: World, site: Site, work: () => Promise<void>): Promise<void> {
  await withLock(site, world, async () => {
    await refuseOvertaken(site);
    await work();
  });
  const signalled = world.interrupts.exitCode();
  if (signalled === undefined) return;
  throw failure(
    signalled,
    "interrupted",
    "stopped by a signal before anything else was done",
    "run the same command again",
  );
}

/** @throws HailstackError (4) when the stored state is not the one that `site` was read from */
async function refuseOvertaken({ bucket, cluster, state }: Site): Promise<void> {
  const now = await readState(bucket, cluster);
  if (now?.time !== state?.time || (now === undefined) !== (state === undefined)) throw overtaken(cluster);
}

/** The error of a run that another one was quicker than. */
export const overtaken = (cluster: string): HailstackError =>
  failure(
    Exit.state,
    "overtaken",
    `another run has changed '${cluster}' at the same moment`,
    "wait until it is done, then run this again",
    { where: cluster },
  );

/** Whatever becomes of it must not hide `error`: a lock that stays, `unlock` can release. */
async function tidyUp(world: World, site: Site, begun: Date, error: unknown): Promise<void> {
  // A store that is away would only cost half a minute more.
  if (error instanceof HailstackError && error.exitCode === Exit.state) return;
  await releaseOurs(site, world, begun).catch(() => {});
}

/** Both take half a second of a processor, and neither needs the other. */
async function openProved(world: World, site: Site, passphrase: string): Promise<Stacks> {
  const { loaded, cluster, cloud, state } = site;
  const [opened, proved] = await Promise.allSettled([
    world.openStacks({
      cluster,
      stack: stackName(cluster),
      exists: state !== undefined,
      bucket: loaded.config.ceph_s3,
      passphrase,
      cloudEnv: cloud.childEnv,
    }),
    state && checkPassphrase(state, passphrase, loaded.env),
  ]);
  if (opened.status === "rejected") throw opened.reason;
  if (proved.status === "fulfilled") return opened.value;
  await opened.value.close();
  throw proved.reason;
}

/** Runs `work` on the cluster's stack and closes it. @throws HailstackError (2) without a toolchain, (4) for the state */
export async function withStacks<T>(
  world: World,
  site: Site,
  passphrase: string,
  work: (stacks: Stacks) => Promise<T>,
): Promise<T> {
  const stacks = await openProved(world, site, passphrase);
  const begun = world.now();
  try {
    return await work(stacks);
  } catch (error) {
    await tidyUp(world, site, begun, error);
    // Two runs can both see no lock and one then loses the race for it; the engine's words do not decide which.
    // A signal leaves a stack begun by ourselves, which would look like another's.
    if (world.interrupts.exitCode() === undefined) {
      if (stacks.touched() === 0) await refuseLocked(world, site);
      if (!stacks.opened()) await refuseOvertaken(site);
    }
    throw error;
  } finally {
    await stacks.close();
  }
}
