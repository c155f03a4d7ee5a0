/** `create`, thought through before anything is made: the plan, what the cloud says to it, what it would change. */
import { findOrphans, looseAttachments, type Orphan } from "../cluster/orphans.ts";
import { missingResources, undoneLinks, unfinishedServers } from "../cluster/changes.ts";
import { readFacts, type CloudFacts } from "../cluster/facts.ts";
import { worldOpenServices } from "../cluster/firewall.ts";
import { planCluster, type ClusterPlan } from "../cluster/plan.ts";
import { floatingIpPool } from "../cluster/preflight-network.ts";
import { fileProblems } from "../cluster/preflight-files.ts";
import { preflight, usableImage } from "../cluster/preflight.ts";
import type { QuotaUse } from "../cluster/quota.ts";
import { ofKind, type ClusterState, type RecordedResource } from "../cluster/state.ts";
import { newClusterId, type Identity } from "../cluster/store.ts";
import type { NodeInputs } from "../cluster/node-view.ts";
import { machinesOf } from "../cluster/machines.ts";
import { sizingOf } from "../cluster/sizing.ts";
import { sizingWarnings } from "../cluster/sizing-text.ts";
import { readTemplates } from "../cluster/templates.ts";
import { largestUserData, userDataOf } from "../cluster/user-data.ts";
import { deployedFields, liveChanges, type LiveChange } from "../config/live.ts";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { ClusterProgram, Quota, World } from "../world.ts";
import type { Site } from "./site.ts";

export type Draft = {
  /** True when nothing of the cluster was ever recorded. */
  first: boolean;
  plan: ClusterPlan;
  facts: CloudFacts;
  identity: Identity;
  /** What the nodes' files are made from, as far as it is known before anything is made. */
  inputs: NodeInputs;
  program: ClusterProgram;
  quota: QuotaUse[];
  warnings: Problem[];
  /** Left by a run that was killed. */
  orphans: Orphan[];
  loose: ReturnType<typeof looseAttachments>;
  /** Recorded, and gone from the cloud. */
  missing: RecordedResource[];
  /** The cloud is not as recorded: things are gone, or links between them undone. */
  strayed: boolean;
  /** Recorded, and never came up. */
  unfinished: RecordedResource[];
  fields: LiveChange[];
};

/** @throws HailstackError (3) with every reason why it cannot be done */
export async function draftCluster(world: World, site: Site): Promise<Draft> {
  const { loaded, cluster, cloud, state } = site;
  const { config, bundle } = loaded;
  if (!bundle) throw new Error("create loads its config with a bundle");
  return world.terminal.stage("checking the cloud", async (detail) => {
    const templates = await readTemplates(world);
    const image = planCluster(config, bundle, "", false).image;
    const facts = await readFacts(cloud, { cluster, image, existing_volume_id: config.volumes.existing_volume_id });
    const first = (state?.resources.length ?? 0) === 0;
    const known = site.identity ?? newIdentity(world, site);
    const identity = first ? { ...known, deployed_config: deployedFields(config) } : known;
    const plan = planCluster(config, bundle, identity.cluster_id, spreads(site, facts));
    const missing = missingResources(state, facts);
    const orphans = site.identity ? findOrphans(cluster, identity.cluster_id, facts, state) : [];
    const machines = machinesOf(plan, facts);
    const { certificate } = loaded;
    const made = { plan, config, sizing: sizingOf(machines), templates };
    const inputs: NodeInputs = certificate ? { ...made, certificate } : made;
    const largest = largestUserData(inputs);
    const { problems, warnings, quota } = preflight(plan, facts, without(state, missing), largest, orphans);
    // Until a first create has come to its end only the identity tells what it had begun to make.
    const deployed = state?.outputs?.deployed_config ?? (first ? undefined : identity.deployed_config);
    const fields = deployed ? liveChanges(deployed, config) : [];
    const refused = fields.filter(({ effect }) => effect === "refused").map(refusal);
    const all = [...refused, ...problems, ...fileProblems(inputs, loaded.passwords?.volume)];
    if (all.length > 0) throw new HailstackError(Exit.preflight, all);
    detail(`${plan.nodes.length} servers fit, image ${plan.image}`);
    return {
      first,
      plan,
      facts,
      identity,
      inputs,
      program: programOf(site, inputs, facts),
      quota,
      warnings: [...warnings, ...sizingWarnings(plan, machines), ...exposureWarnings(site)],
      orphans,
      loose: looseAttachments(facts, state),
      missing,
      strayed: missing.length + undoneLinks(state, facts).length > 0,
      unfinished: unfinishedServers(state),
      fields,
    };
  });
}

/** What is gone needs room again, and leaves its name free for others. */
const without = (state: ClusterState | undefined, gone: readonly RecordedResource[]): ClusterState | undefined =>
  state && { ...state, resources: state.resources.filter((resource) => !gone.includes(resource)) };

function newIdentity(world: World, { cloud, state }: Site): Identity {
  const { projectId, project, region } = cloud.identity;
  const cluster_id = state?.outputs?.cluster_id ?? newClusterId();
  return { cluster_id, project_id: projectId, project, region, created_at: world.now().toISOString() };
}

/** "auto" is what the cluster was made with, else yes where the project may make a server group of this size. */
function spreads({ loaded, state }: Site, { quotas }: CloudFacts): boolean {
  const { spread, num_workers } = loaded.config.cluster;
  if (spread !== "auto") return spread === "on";
  if (state && ofKind(state, "Instance").length > 0) return ofKind(state, "ServerGroup").length > 0;
  const room = (quota: Quota | undefined, wanted: number) =>
    quota !== undefined && (quota.limit === null || quota.limit - quota.used >= wanted);
  return room(quotas.server_groups, 1) && room(quotas.server_group_members, num_workers);
}

/** Everything the program needs, by id; preflight has made sure that each is there. */
function programOf(site: Site, inputs: NodeInputs, facts: CloudFacts): ClusterProgram {
  const { plan } = inputs;
  const { config } = site.loaded;
  const networks = new Set(plan.nodes.flatMap(({ ports }) => ports.map(({ network }) => network)));
  return {
    plan,
    ids: {
      region: site.cloud.identity.region,
      // Blank only where nothing is made of it any more, and what was made keeps what it has.
      image: usableImage(facts.images)?.id ?? "",
      pool: floatingIpPool(plan, facts.networks)?.name ?? "",
      flavours: { ...retired(plan), ...Object.fromEntries(facts.flavours.map(({ name, id }) => [name, id])) },
      networks: Object.fromEntries(
        facts.networks
          .filter(({ name }) => networks.has(name))
          .map(({ name, id, portSecurity }) => [name, { id, portSecurity }]),
      ),
    },
    userData: userDataOf(inputs),
    recorded: { project_id: site.cloud.identity.projectId, deployed_config: deployedFields(config) },
  };
}

/** A flavour that the cloud no longer offers: only servers that exist still have it, and those ignore its id. */
const retired = ({ nodes }: ClusterPlan): Record<string, string> =>
  Object.fromEntries(nodes.map(({ flavour }) => [flavour, "retired"]));

const refusal = ({ field, was, wanted, why }: LiveChange): Problem => ({
  slug: "live-change",
  message: `${field} cannot change on a live cluster: deployed ${JSON.stringify(was)}, wanted ${JSON.stringify(wanted)}; ${why}`,
  where: field,
  fix: `set ${field} back to ${JSON.stringify(was)}, or destroy the cluster and create it anew`,
});

function exposureWarnings({ loaded }: Site): Problem[] {
  return worldOpenServices(loaded.config).map((toggle) => ({
    slug: "world-open",
    message: `security_groups.${toggle} opens a service without a password of its own to the whole world`,
    where: `security_groups.${toggle}`,
    fix: `set it to false, or name the networks that may reach it in security_groups.allowed_cidrs`,
  }));
}
