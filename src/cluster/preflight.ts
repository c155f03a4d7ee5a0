/** What a project must offer before `create` may start. Pure: plan, facts and state in, problems out. */
import type { Problem } from "../errors.ts";
import type { Image } from "../world.ts";
import type { CloudFacts } from "./facts.ts";
import { ownerMark } from "./names.ts";
import type { Orphan } from "./orphans.ts";
import type { ClusterPlan } from "./plan.ts";
import { flavourProblems, needsOfImage } from "./preflight-flavour.ts";
import { addressProblems, networkProblems } from "./preflight-network.ts";
import { problem } from "./problem.ts";
import { quotaProblems, type QuotaUse } from "./quota.ts";
import { ofKind, type ClusterState } from "./state.ts";
import { maxUserData, type LargestUserData } from "./user-data.ts";

export type Preflight = {
  /** Every reason `create` would fail, each with its way out; empty means go. */
  problems: Problem[];
  warnings: Problem[];
  /** What the plan adds to each quota. */
  quota: QuotaUse[];
};

/**
 * Judges everything at once, so that a user mends all of it before the next try. `leaving` is what an interrupted run
 * left and this one removes first: its room is free.
 */
export function preflight(
  plan: ClusterPlan,
  facts: CloudFacts,
  state: ClusterState | undefined,
  userData: LargestUserData,
  leaving: readonly Orphan[] = [],
): Preflight {
  const quota = quotaProblems(plan, facts, state, leaving);
  // What exists needs nothing to be made from any more: its image may be gone, and its flavour retired.
  const recorded = new Set(state?.resources.filter(({ unfinished }) => !unfinished).map(({ name }) => name));
  const added = plan.nodes.filter(({ name }) => !recorded.has(name));
  return {
    problems: [
      ...(added.length > 0 ? imageProblems(plan, facts.images) : []),
      ...[...new Set(added.map(({ flavour }) => flavour))].flatMap((name) =>
        flavourProblems(name, facts.flavours, needsOfImage(usableImage(facts.images))),
      ),
      ...networkProblems(plan, facts.networks),
      ...addressProblems(plan, facts, state),
      ...volumeProblems(plan, facts, state),
      ...foreignProblems(plan, facts, state),
      ...userDataProblems(userData),
      ...quota.problems,
    ],
    warnings: quota.warnings,
    quota: quota.use,
  };
}

/** The one image the servers will boot from: nobody should have to guess which of two it was. */
export function usableImage(images: readonly Image[]): Image | undefined {
  const active = images.filter(({ status }) => status === "active");
  return active.length === 1 ? active[0] : undefined;
}

function imageProblems({ image }: ClusterPlan, images: readonly Image[]): Problem[] {
  const usable = usableImage(images);
  if (usable) return wrongArchitecture(usable);
  const active = images.filter(({ status }) => status === "active");
  if (active.length > 1) {
    const list = active.map(({ id, createdAt }) => `${id} of ${createdAt}`).join(", ");
    const fix = "delete or rename all but one: openstack image set --name <other name> <id>";
    return [problem("image-ambiguous", `${active.length} active images are called '${image}': ${list}`, fix, image)];
  }
  const [other] = images;
  if (other) {
    const fix = "wait until it is active, or run: hailstack build-image";
    return [problem("image-not-active", `image '${image}' is ${other.status}, not active (${other.id})`, fix, image)];
  }
  return [
    problem(
      "image-missing",
      `image '${image}' not found. Run: hailstack build-image`,
      `hailstack build-image --config <this file>, or give an image of yours that name: openstack image set --name ${image} <id>`,
      image,
    ),
  ];
}

/** Hail's own packages hold native code for this one alone; many images do not say. */
function wrongArchitecture({ name, id, architecture = "x86_64" }: Image): Problem[] {
  if (architecture === "x86_64") return [];
  const message = `image '${name}' is for ${architecture} (${id}), bundles are for x86_64`;
  return [problem("image-architecture", message, "hailstack build-image --config <this file>", name)];
}

function volumeProblems(plan: ClusterPlan, { volume }: CloudFacts, state: ClusterState | undefined): Problem[] {
  if (plan.volume?.kind !== "existing") return [];
  const { id } = plan.volume;
  if (!volume)
    return [
      problem(
        "volume-missing",
        `volume '${id}' not found`,
        "check volumes.existing_volume_id: openstack volume list",
        id,
      ),
    ];
  const master = state && ofKind(state, "Instance").find(({ name }) => name === `${plan.cluster}-master`);
  if (volume.attachedTo.length > 0 && volume.attachedTo.every(({ serverId }) => serverId === master?.id)) return [];
  if (volume.status === "available") return [];
  const [attachment] = volume.attachedTo;
  const why = attachment ? `it is attached to server ${attachment.serverId}` : `it is ${volume.status}`;
  const fix = attachment
    ? `openstack server remove volume ${attachment.serverId} ${id}`
    : "wait until it is available, or choose another volume";
  return [problem("volume-unavailable", `volume '${id}' is not available for attachment: ${why}`, fix, id)];
}

/** Things that carry our names and not our mark: another cluster's, or somebody's own. Never adopted, never deleted. */
function foreignProblems(plan: ClusterPlan, facts: CloudFacts, state: ClusterState | undefined): Problem[] {
  const known = new Set(state?.resources.map(({ id }) => id));
  const pending = new Set(state?.pending.map(({ name }) => name));
  const mark = ownerMark(plan.cluster_id);
  const servers = new Set(plan.nodes.map(({ name }) => name));
  const groups = new Set(["master", "worker"].map((role) => `${plan.cluster}-${role}-sg`));
  const keypair = `${plan.cluster}-keypair`;
  const foreign = [
    ...facts.servers
      .filter(
        ({ name, id, metadata }) =>
          servers.has(name) && !known.has(id) && metadata.hailstack_cluster_id !== plan.cluster_id,
      )
      .map(({ name, id, createdAt }) => ["server", name, id, ` of ${createdAt}`] as const),
    ...facts.securityGroups
      .filter(({ name, id, description }) => groups.has(name) && !known.has(id) && !description.includes(mark))
      .map(({ name, id }) => ["security group", name, id, ""] as const),
    ...facts.keypairs
      .filter(({ name }) => name === keypair && !known.has(name) && !pending.has(keypair))
      .map(({ name, fingerprint }) => ["keypair", name, fingerprint, ""] as const),
  ];
  return foreign.map(([kind, name, id, when]) => {
    const command = { server: "server", "security group": "security group", keypair: "keypair" }[kind];
    const message = `a ${kind} '${name}' exists that this cluster did not make (${id}${when})`;
    return problem(
      "name-taken",
      message,
      `choose another cluster.name, or if it is yours to lose: openstack ${command} delete ${kind === "keypair" ? name : id}`,
      name,
    );
  });
}

function userDataProblems({ bytes, node, fits }: LargestUserData): Problem[] {
  if (bytes <= maxUserData) return [];
  const message = `the first-boot data of ${node} would be ${bytes} bytes, Nova takes ${maxUserData}`;
  return [
    problem(
      "user-data-too-large",
      message,
      `about ${fits} workers fit: lower cluster.num_workers or shorten cluster.name`,
      node,
    ),
  ];
}
