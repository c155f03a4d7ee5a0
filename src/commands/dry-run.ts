/** `create --dry-run`: the same checks and the engine's own preview, and not a byte written anywhere. */
import { countChanges, describeCounts, effective } from "../cluster/changes.ts";
import { readPassphrase } from "../cluster/store.ts";
import { Exit, HailstackError } from "../errors.ts";
import type { Change, World } from "../world.ts";
import { previewChanges } from "./compare.ts";
import { showDryRun } from "./create-text.ts";
import type { Draft } from "./draft.ts";
import type { Site } from "./site.ts";
import { withStacks } from "./stacks.ts";

/** With `exitCode` the process ends with 1 when something would change. @throws HailstackError, never with 1 */
export async function dryRun(world: World, site: Site, draft: Draft, { exitCode }: { exitCode?: true }): Promise<void> {
  const changes = await world.terminal.stage("previewing", async (detail) => {
    const found = await preview(world, site, draft).catch((error: unknown) => {
      // Nothing was made: a script that asked for --exit-code must not take this for "changes".
      if (error instanceof HailstackError && error.exitCode === Exit.failed) {
        throw new HailstackError(Exit.preflight, error.problems, { cause: error });
      }
      throw error;
    });
    detail(describeCounts(countChanges(found)));
    return found;
  });
  showDryRun(world, site, draft, changes);
  const cleared = draft.orphans.length + draft.loose.length + (site.state?.pending.length ?? 0);
  const differs = changes.length + cleared > 0;
  if (exitCode && differs) world.setExitCode(Exit.failed);
}

async function preview(world: World, site: Site, draft: Draft): Promise<Change[]> {
  const stateless = site.state === undefined;
  const passphrase = stateless ? "none" : await readPassphrase(site.bucket, site.cluster, site.loaded.env);
  return withStacks(world, site, passphrase ?? "", async (stacks) =>
    stateless ? effective(await stacks.preview(draft.program, { stateless })) : previewChanges(stacks, draft),
  );
}
