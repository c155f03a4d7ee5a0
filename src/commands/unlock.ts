/** `hailstack unlock`: release the lock of a run that will never end, and put back a state it could not store. */
import { Command } from "commander";
import { readCheckpoint } from "../cluster/state.ts";
import { abandoned, checkpointKey, keptStateFile, readLocks, readState, type Lock } from "../cluster/store.ts";
import type { Bucket, World } from "../world.ts";
import { openConfig, type ConfigOptions } from "./site.ts";

type UnlockOptions = ConfigOptions & { yes?: true };

export const unlockCommand = (world: World) =>
  new Command("unlock")
    .requiredOption("--config <file>", "cluster TOML file")
    .option("--dotenv <file>", "read variables from this file first")
    .option("--yes", "do not ask")
    .action((options: UnlockOptions) => unlock(world, options));

async function unlock(world: World, options: UnlockOptions): Promise<void> {
  const { terminal } = world;
  const loaded = await openConfig(world, options, ["state"]);
  const cluster = loaded.config.cluster.name;
  const bucket = await world.openBucket(loaded.config.ceph_s3);
  const locks = await readLocks(bucket, cluster);
  await restoreKept(world, bucket, cluster, options);
  if (locks.length === 0) return terminal.print(`Cluster '${cluster}' is not locked.`);
  if (!options.yes)
    await terminal.confirm(`Release ${locks.map((lock) => describe(world, lock)).join(", ")}?`, "--yes");
  for (const { key } of locks) await bucket.delete(key);
  terminal.print(`Cluster '${cluster}' is unlocked. Run the command that was cut off again.`);
}

function describe({ machine }: World, lock: Lock): string {
  const state = abandoned(lock, machine)
    ? "which is gone"
    : lock.hostname === machine.hostname
      ? "which is STILL RUNNING"
      : "which may still run there";
  return `the lock of ${lock.username}@${lock.hostname}, process ${lock.pid}, ${state}, since ${lock.timestamp}`;
}

/** A state newer than the store's, kept here because the store was away: without it, servers would be forgotten. */
async function restoreKept(world: World, bucket: Bucket, cluster: string, { yes }: UnlockOptions): Promise<void> {
  const path = await world.stateFile(keptStateFile(cluster));
  const bytes = await world.files.readBytesIfThere(path);
  if (bytes === undefined) return;
  const [here, there] = [readCheckpoint(bytes, path), await readState(bucket, cluster)];
  if ((there?.time ?? "") >= (here.time ?? "")) return;
  if (!yes) await world.terminal.confirm(`Put back the state of ${here.time} that is kept in ${path}?`, "--yes");
  await bucket.put(checkpointKey(cluster), bytes);
  await world.files.remove(path);
  world.terminal.print(`The state of ${here.time} is back in the store.`);
}
