/** `hailstack create`: make a cluster, or bring a live one to what its config says now. */
import { Command } from "commander";
import { ensureIdentity, ensurePassphrase, readPassphrase } from "../cluster/store.ts";
import { proveStore } from "../cluster/probe.ts";
import type { World } from "../world.ts";
import { applyDraft } from "./apply.ts";
import { agree, previewChanges } from "./compare.ts";
import { showCreated } from "./create-text.ts";
import { draftCluster } from "./draft.ts";
import { dryRun } from "./dry-run.ts";
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
  await proveStore(site.bucket);
  const passphrase = await passphraseFor(site);
  const identity = await ensureIdentity(site.bucket, site.cluster, draft.identity);
  if (identity.cluster_id !== draft.identity.cluster_id) throw overtaken(site.cluster);

  await withStacks(world, site, passphrase, async (stacks) => {
    const changes = draft.first
      ? undefined
      : await world.terminal.stage("comparing", () => previewChanges(stacks, draft));
    if (changes && !options.yes) await agree(world, draft, changes);
    const done = await applyDraft(world, { ...site, identity }, draft, stacks, changes, options);
    showCreated(world, site, draft, done, options);
  });
}

/** A new one only for a new state: what is encrypted already cannot be opened with it. */
const passphraseFor = async ({ bucket, cluster, state, loaded: { env } }: Site): Promise<string> =>
  state ? ((await readPassphrase(bucket, cluster, env)) ?? "") : ensurePassphrase(bucket, cluster, env);
