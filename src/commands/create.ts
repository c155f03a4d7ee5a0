/** `hailstack create`: make a cluster, or bring a live one to what its config says now. */
import { ensureIdentity, ensurePassphrase, readPassphrase } from "../cluster/store.ts";
import { leavingServers } from "../cluster/changes.ts";
import { removePins } from "../cluster/known-hosts.ts";
import { proveStore } from "../cluster/probe.ts";
import { ofKind } from "../cluster/state.ts";
import type { Loaded } from "../config/load.ts";
import type { World } from "../world.ts";
import { applyDraft } from "./apply.ts";
import { drainLeaving } from "./drain.ts";
import { agree, previewChanges } from "./compare.ts";
import { showCreated } from "./create-text.ts";
import { deadlineIn } from "./deadline.ts";
import { draftCluster } from "./draft.ts";
import { dryRun } from "./dry-run.ts";
import { formCluster } from "./form.ts";
import { withSecrets } from "./node-secrets.ts";
import type { CreateOptions } from "./create-command.ts";
import { openSite, type Site } from "./site.ts";
import { requireSshWay } from "./ssh-way.ts";
import { overtaken, refuseLocked, requireEngine, withStacks } from "./stacks.ts";

/** From a config without faults on. */
export async function create(world: World, loaded: Loaded, options: CreateOptions): Promise<void> {
  await requireEngine(world);
  if (options.wait && !options.dryRun) await requireSshWay(world, loaded.config, loaded.env, options.sshKey);
  let begun = performance.now();
  const site = await openSite(world, loaded);
  const draft = await draftCluster(world, site);
  const opens = draft.fields.some(({ field }) => field.startsWith("security_groups."));
  // Of a cluster that lives as it did, they were told when it was made.
  if (draft.first || options.dryRun || opens) {
    for (const warning of draft.warnings) world.terminal.report({ event: "warning", ...warning });
  }

  if (options.dryRun) return dryRun(world, site, draft, options);
  await refuseLocked(world, site);
  await proveStore(site.bucket);
  const passphrase = await passphraseFor(site);
  const identity = await ensureIdentity(site.bucket, site.cluster, draft.identity);
  if (identity.cluster_id !== draft.identity.cluster_id) throw overtaken(site.cluster);

  const whole = await withSecrets(world, site, draft, passphrase);

  const done = await withStacks(world, site, passphrase, async (stacks) => {
    const changes = draft.first
      ? undefined
      : await world.terminal.stage("comparing", () => previewChanges(stacks, whole));
    if (changes && !options.yes) await agree(world, whole, changes, options);
    const drainBegun = performance.now();
    if (changes) await drainLeaving(world, site, whole, changes, options);
    begun += performance.now() - drainBegun;
    const applied = await applyDraft(world, { ...site, identity }, whole, stacks, changes, options);
    if (changes) await forgetKeys(site, leavingServers(changes));
    return applied;
  });
  if (!options.wait) return showCreated(world, site, whole, done, options);
  const wholeMs = options.timeout * 60_000;
  const deadline = deadlineIn(wholeMs - (performance.now() - begun), wholeMs);
  const ready = await formCluster(world, site, whole.inputs, done.outputs, options, deadline);
  showCreated(world, site, whole, done, options, ready);
}

/** Of servers that are gone. */
async function forgetKeys({ bucket, cluster, state }: Site, names: readonly string[]): Promise<void> {
  const servers = state ? ofKind(state, "Instance").filter(({ name }) => names.includes(name)) : [];
  const ids = servers.map(({ id }) => id);
  if (ids.length > 0) await removePins(bucket, cluster, ids);
}

/** A new one only for a new state: what is encrypted already cannot be opened with it. */
const passphraseFor = async ({ bucket, cluster, state, loaded: { env } }: Site): Promise<string> =>
  state ? ((await readPassphrase(bucket, cluster, env)) ?? "") : ensurePassphrase(bucket, cluster, env);
