/** What a create would do to a cluster that lives: shown by the engine, judged, and agreed to. */
import { effective, leavingServers, replacementProblems } from "../cluster/changes.ts";
import { Exit, HailstackError } from "../errors.ts";
import type { Change, Stacks, World } from "../world.ts";
import type { CreateOptions } from "./create-command.ts";
import type { Draft } from "./draft.ts";

/** Every step that touches something. @throws HailstackError (3) when a server or volume would be replaced */
export async function previewChanges(stacks: Stacks, draft: Draft): Promise<Change[]> {
  const again = draft.unfinished.map(({ urn }) => urn);
  const changes = effective(await stacks.preview(draft.program, { refresh: draft.strayed, replace: again }));
  const lost = new Set([...draft.missing, ...draft.unfinished].map(({ name }) => name));
  const problems = replacementProblems(changes, lost);
  if (problems.length > 0) throw new HailstackError(Exit.preflight, problems);
  return changes;
}

/**
 * Asks about what cannot be undone: workers that go, data that is gone already.
 * @throws HailstackError (1) for a no, (2) where nobody can be asked
 */
export async function agree(
  { terminal }: World,
  { missing }: Draft,
  changes: readonly Change[],
  { wait, drainTimeout }: Pick<CreateOptions, "wait" | "drainTimeout">,
): Promise<void> {
  const leaving = leavingServers(changes);
  const gone = missing.filter(
    ({ kind, name }) => kind === "Volume" || (kind === "Instance" && name.endsWith("-master")),
  );
  if (leaving.length > 0) {
    const how = wait
      ? `once HDFS has moved what is on their disks (in at most ${drainTimeout} minutes, or nothing is removed)`
      : "and what is on their disks";
    await terminal.confirm(`Remove ${leaving.join(", ")} ${how}?`, "--yes");
  }
  if (gone.length === 0) return;
  const names = gone.map(({ name }) => name).toSorted();
  await terminal.confirm(`${names.join(", ")} was deleted behind hailstack's back. Make it anew, empty?`, "--yes");
}
