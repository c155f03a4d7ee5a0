/** `hailstack unlock`: release the lock of a run that will never end, and put back a state it could not store. */
import { Command } from "commander";
import { readCheckpoint } from "../cluster/state.ts";
import {
  abandoned,
  checkpointKey,
  keptStateFile,
  readIdentity,
  readLocks,
  readState,
  type Lock,
} from "../cluster/store.ts";
import { Exit, failure } from "../errors.ts";
import type { Bucket, World } from "../world.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";

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
  refuseRunning(world, cluster, locks);
  await restoreKept(world, bucket, cluster, options);
  if (locks.length === 0) return terminal.print(`Cluster '${cluster}' is not locked.`);
  if (!options.yes)
    await terminal.confirm(`Release ${locks.map((lock) => describe(world, lock)).join(", ")}?`, "--yes");
  for (const { key } of locks) await bucket.delete(key);
  terminal.print(`Cluster '${cluster}' is unlocked. Run the command that was cut off again.`);
}

/** A run that lives on this machine holds its lock with good reason. @throws HailstackError (4) */
function refuseRunning({ machine }: World, cluster: string, locks: readonly Lock[]): void {
  const running = locks.find((lock) => lock.hostname === machine.hostname && !abandoned(lock, machine));
  if (!running) return;
  const message = `process ${running.pid} of ${running.username} on this machine holds the lock and is still running`;
  throw failure(Exit.state, "locked", message, `wait for it, or stop it: kill -INT ${running.pid}`, { where: cluster });
}

function describe({ machine }: World, lock: Lock): string {
  const state = abandoned(lock, machine) ? "which is gone" : "which may still run there";
  return `the lock of ${lock.username}@${lock.hostname}, process ${lock.pid}, ${state}, since ${lock.timestamp}`;
}

/** A state newer than the store's, kept here because the store was away: without it, servers would be forgotten. */
async function restoreKept(world: World, bucket: Bucket, cluster: string, { yes }: UnlockOptions): Promise<void> {
  const path = await world.stateFile(keptStateFile(cluster));
  const bytes = await world.files.readBytesIfThere(path);
  if (bytes === undefined) return;
  // A cluster that was destroyed since has no identity any more: its old state must not come back.
  const [here, there, identity] = [
    readCheckpoint(bytes, path),
    await readState(bucket, cluster),
    await readIdentity(bucket, cluster),
  ];
  if (identity === undefined || (there?.time ?? "") >= (here.time ?? "")) return;
  if (!yes) await world.terminal.confirm(`Put back the state of ${here.time} that is kept in ${path}?`, "--yes");
  await bucket.put(checkpointKey(cluster), bytes);
  await world.files.remove(path);
  world.terminal.print(`The state of ${here.time} is back in the store.`);
}
