/** `hailstack create`: make a cluster, or bring a live one to what its config says now. */
import { Command } from "commander";
import { countChanges, describeCounts, effective, replacementProblems } from "../cluster/changes.ts";
import { ensureIdentity, ensurePassphrase, readPassphrase } from "../cluster/store.ts";
import { Exit, HailstackError } from "../errors.ts";
import type { Change, Stacks, World } from "../world.ts";
import { applyDraft } from "./apply.ts";
import { draftCluster, type Draft } from "./draft.ts";
import { showCreated, showDryRun } from "./create-text.ts";
import { minutes } from "./options.ts";
import { openConfig, openSite, type ConfigOptions, type Site } from "./site.ts";
import { overtaken, refuseLocked, requireEngine, withStacks } from "./stacks.ts";

export type CreateOptions = ConfigOptions & {
  dryRun?: true;
  exitCode?: true;
  yes?: true;
  keepOnFailure?: true;
  timeout: number;
};

export const createCommand = (world: World) =>
  new Command("create")
    .description("create a cluster, or bring a live one to what its config says now")
    .requiredOption("--config <file>", "cluster TOML file")
    .option("--dotenv <file>", "read variables from this file first")
    .option("--dry-run", "check everything and show what would change; write nothing anywhere")
    .option("--exit-code", "with --dry-run: exit 1 when something would change, 0 when nothing would")
    .option("--yes", "do not ask before workers are removed or lost things made again")
    .option("--keep-on-failure", "keep what a failed first create has made")
    .option("--timeout <minutes>", "stop, as Ctrl-C would, after this long", minutes, 60)
    .option("--json", "print events as lines of JSON; the last one is the result")
    .action((options: CreateOptions) => create(world, options));

async function create(world: World, options: CreateOptions): Promise<void> {
  const loaded = await openConfig(world, options, ["bundle", "state", "ssh_keys", "passwords"]);
  await requireEngine(world);
  const site = await openSite(world, loaded);
  const draft = await draftCluster(world, site);
  if (draft.first || options.dryRun) {
    for (const warning of draft.warnings) world.terminal.report({ event: "warning", ...warning });
  }

  if (options.dryRun) return dryRun(world, site, draft, options);
  await refuseLocked(world, site);
  const passphrase = await passphraseFor(site);
  const identity = await ensureIdentity(site.bucket, site.cluster, draft.identity);
  if (identity.cluster_id !== draft.identity.cluster_id) throw overtaken(site.cluster);

  await withStacks(world, site, passphrase, async (stacks) => {
    const changes = draft.first
      ? undefined
      : await world.terminal.stage("comparing", () => previewChanges(stacks, draft));
    if (changes) await settle(world, draft, changes, options);
    const done = await applyDraft(world, { ...site, identity }, draft, stacks, changes, options);
    showCreated(world, site, draft, done, options);
  });
}

/** A new one only for a new state: what is encrypted already cannot be opened with it. */
const passphraseFor = async ({ bucket, cluster, state, loaded: { env } }: Site): Promise<string> =>
  state ? ((await readPassphrase(bucket, cluster, env)) ?? "") : ensurePassphrase(bucket, cluster, env);

/** What would change, judged. @throws HailstackError (3) when a server or volume would be replaced */
async function previewChanges(stacks: Stacks, draft: Draft): Promise<Change[]> {
  const again = draft.unfinished.map(({ urn }) => urn);
  const changes = effective(await stacks.preview(draft.program, { refresh: draft.strayed, replace: again }));
  const lost = new Set([...draft.missing, ...draft.unfinished].map(({ name }) => name));
  const problems = replacementProblems(changes, lost);
  if (problems.length > 0) throw new HailstackError(Exit.preflight, problems);
  return changes;
}

/** Asks about what cannot be undone: workers that go, data that is gone already. */
async function settle(
  { terminal }: World,
  { missing }: Draft,
  changes: readonly Change[],
  { yes }: CreateOptions,
): Promise<void> {
  const leaving = changes.filter(({ operation, type }) => operation === "delete" && type.endsWith(":Instance"));
  const gone = missing.filter(
    ({ kind, name }) => kind === "Volume" || (kind === "Instance" && name.endsWith("-master")),
  );
  if (yes) return;
  if (leaving.length > 0) {
    const names = leaving.map(({ name }) => name).join(", ");
    await terminal.confirm(`Remove ${names} and what is on their disks?`, "--yes");
  }
  if (gone.length > 0) {
    const names = gone.map(({ name }) => name).join(", ");
    await terminal.confirm(`${names} was deleted behind hailstack's back. Make it anew, empty?`, "--yes");
  }
}

async function dryRun(world: World, site: Site, draft: Draft, options: CreateOptions): Promise<void> {
  const stateless = site.state === undefined;
  const passphrase = stateless ? "none" : await readPassphrase(site.bucket, site.cluster, site.loaded.env);
  const preview = () =>
    withStacks(world, site, passphrase ?? "", async (stacks) =>
      stateless ? effective(await stacks.preview(draft.program, { stateless })) : previewChanges(stacks, draft),
    );
  const changes = await world.terminal.stage("previewing", async (detail) => {
    const found = await preview().catch((error: unknown) => {
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
  const differs = changes.length > 0 || draft.orphans.length > 0;
  if (options.exitCode && differs) world.setExitCode(Exit.failed);
}
