/** The part of `create` that makes things, and what it does when that fails. */
import { countChanges, type ChangeCounts } from "../cluster/changes.ts";
import { sweep } from "../cluster/orphans.ts";
import { Outputs } from "../cluster/outputs.ts";
import { plannedResources } from "../cluster/plan.ts";
import { withoutPending } from "../cluster/state.ts";
import { rewriteState } from "../cluster/store.ts";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { Change, Stacks, World } from "../world.ts";
import type { Draft } from "./draft.ts";
import { saveEvidence, serverFaults } from "./evidence.ts";
import { forgetUnrecorded, rollBack } from "./roll-back.ts";
import type { Site } from "./site.ts";
import { whileUnchanged } from "./stacks.ts";

export type Applied = { counts: ChangeCounts; outputs: Outputs };

/** `changes` is undefined for a first create, of which everything is new. */
export async function applyDraft(
  world: World,
  site: Site,
  draft: Draft,
  stacks: Stacks,
  changes: readonly Change[] | undefined,
  options: { keepOnFailure?: true; timeout: number },
): Promise<Applied> {
  const leftovers = await cleanUp(world, site, draft);
  const known = site.state?.outputs;
  if (changes?.length === 0 && !leftovers && known) return { counts: countChanges([]), outputs: known };

  const total = changes?.length ?? plannedResources(draft.plan).length;
  const run = () => {
    world.terminal.report({ event: "plan", total });
    return stacks.up(draft.program, {
      refresh: draft.strayed || leftovers,
      replace: draft.unfinished.map(({ urn }) => urn),
      timeoutMs: options.timeout * 60_000,
    });
  };
  try {
    const outputs = await world.terminal.stage(draft.first ? "creating" : "updating", run);
    const created = { create: total, update: 0, delete: 0, replace: 0 };
    return { counts: changes ? countChanges(changes) : created, outputs: Outputs.parse(outputs) };
  } catch (error) {
    throw await afterFailure(world, site, draft, stacks, error, options);
  }
}

/** Removes what a killed run left and forgets what it had begun; true when there was anything. */
async function cleanUp(world: World, site: Site, { orphans, loose }: Draft): Promise<boolean> {
  const pending = site.state?.pending.length ?? 0;
  if (orphans.length + loose.length + pending === 0) return false;
  await world.terminal.stage("clearing up after an interrupted run", (detail) =>
    whileUnchanged(world, site, async () => {
      for (const { serverId, volumeId } of loose) await site.cloud.detachVolume(serverId, volumeId);
      await sweep(site.cloud, orphans, ({ kind, name }) =>
        world.terminal.report({ event: "note", message: `removed ${kind} ${name}, which no state knew` }),
      );
      await rewriteState(site.bucket, site.cluster, withoutPending);
      detail(`${orphans.length + loose.length} removed`);
    }),
  );
  return true;
}

/**
 * A first create that fails takes back what it made, after saving why: nothing of an unfinished cluster is worth its
 * quota. Any other run leaves all as it is, to be gone on with. @returns what to tell the user
 */
async function afterFailure(
  world: World,
  site: Site,
  draft: Draft,
  stacks: Stacks,
  error: unknown,
  { keepOnFailure }: { keepOnFailure?: true },
): Promise<unknown> {
  if (!(error instanceof HailstackError) || error.exitCode !== Exit.failed || stacks.touched() === 0) return error;
  // Out of time is not out of order: as after a Ctrl-C, the next run goes on.
  if (error.problems.some(({ slug }) => slug === "deadline")) return error;
  const faults = await serverFaults(site, draft).catch(() => []);
  const told = new HailstackError(Exit.failed, [...error.problems, ...faults], { cause: error });
  if (!draft.first) {
    await forgetUnrecorded(world, site, draft);
    return told;
  }
  const folder = await saveEvidence(world, site, draft, told).catch(() => undefined);
  if (folder) world.terminal.report({ event: "note", message: `console logs and reasons are kept in ${folder}` });
  if (keepOnFailure) {
    await forgetUnrecorded(world, site, draft);
    return told;
  }
  const left = await rollBack(world, site, stacks, draft);
  const reasons = left.length > 0 ? told.problems : told.problems.map(takenBack);
  const signalled = left.length > 0 ? world.interrupts.exitCode() : undefined;
  return new HailstackError(signalled ?? Exit.failed, [...reasons, ...left], { cause: error });
}

/** The engine's advice is to go on, and there is nothing left to go on with. */
const takenBack = (problem: Problem): Problem =>
  problem.slug === "cloud-operation"
    ? { ...problem, fix: "mend the cause and run the same command again; this run has taken back what it made" }
    : problem;
