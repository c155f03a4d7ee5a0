/** After a create that failed: what no state knows goes at once, and of a first create everything. */
import { readFacts } from "../cluster/facts.ts";
import { withLock } from "../cluster/lock.ts";
import { findOrphans, sweep } from "../cluster/orphans.ts";
import { withVolumeRetained } from "../cluster/state.ts";
import { forgetCluster, readState, rewriteState } from "../cluster/store.ts";
import { HailstackError, type Problem } from "../errors.ts";
import type { Stacks, World } from "../world.ts";
import type { Draft } from "./draft.ts";
import type { Site } from "./site.ts";

/**
 * Removes what no state knows and leaves the rest to be gone on with. What cannot be removed now the next run looks
 * for, all but a volume and a keypair, of which later nobody could say whose they are.
 */
export async function forgetUnrecorded(world: World, site: Site, draft: Draft): Promise<void> {
  await withLock(site, world, () => sweepUnrecorded(world, site, draft)).catch((error: unknown) => {
    if (!(error instanceof HailstackError)) throw error;
    for (const problem of error.problems) world.terminal.report({ event: "warning", ...problem });
  });
}

/** Removes all that the run made, recorded or not. @returns what to tell the user when something is left; else nothing */
export async function rollBack(world: World, site: Site, stacks: Stacks, draft: Draft): Promise<Problem[]> {
  const { bucket, cluster } = site;
  try {
    await world.terminal.stage("removing what this run made", async () => {
      await withLock(site, world, async () => {
        await sweepUnrecorded(world, site, draft);
        // Nothing has written to a volume made minutes ago by a run whose servers never all came up.
        await rewriteState(bucket, cluster, (bytes, key) => withVolumeRetained(bytes, key, false));
      });
      await stacks.destroy();
      await forgetCluster(bucket, cluster);
    });
    return [];
  } catch (error) {
    const why = error instanceof HailstackError ? error.problems : [];
    return [
      {
        slug: "rollback-failed",
        message: "what this run made could not all be removed",
        where: cluster,
        fix: "hailstack destroy --config <the same file>",
      },
      ...why,
    ];
  }
}

/** Removes what the cloud made in this run although its answer never came. @throws HailstackError */
async function sweepUnrecorded(
  { terminal }: World,
  { bucket, cloud, cluster }: Site,
  { facts: before, identity, plan }: Draft,
): Promise<void> {
  const state = await readState(bucket, cluster);
  const facts = await readFacts(cloud, { cluster, image: "", existing_volume_id: "" });
  const run = { before, publicKey: plan.public_keys[0] ?? "" };
  await sweep(cloud, findOrphans(cluster, identity.cluster_id, facts, state, run), ({ kind, name }) =>
    terminal.report({ event: "note", message: `removed ${kind} ${name}, which no state knew` }),
  );
}
