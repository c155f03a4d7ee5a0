/** The states of all clusters of a bucket, for commands that are about more than one. */
import type { ClusterState } from "../cluster/state.ts";
import { listClusters, readState } from "../cluster/store.ts";
import { HailstackError } from "../errors.ts";
import type { Bucket, World } from "../world.ts";

export type States = {
  known: (readonly [string, ClusterState])[];
  /** Clusters whose state cannot be read; a warning was shown for each. */
  unread: string[];
};

/** One that cannot be read does not hide the others, which are worth having all the same. */
export async function readStates(world: World, bucket: Bucket): Promise<States> {
  const names = await listClusters(bucket);
  const states = await Promise.all(names.map(async (name) => [name, await readable(world, bucket, name)] as const));
  return {
    known: states.flatMap(([name, state]) => (state ? [[name, state] as const] : [])),
    unread: states.flatMap(([name, state]) => (state ? [] : [name])),
  };
}

async function readable(world: World, bucket: Bucket, name: string): Promise<ClusterState | undefined> {
  try {
    return await readState(bucket, name);
  } catch (error) {
    if (!(error instanceof HailstackError)) throw error;
    for (const problem of error.problems) world.terminal.report({ event: "warning", ...problem });
    return undefined;
  }
}
