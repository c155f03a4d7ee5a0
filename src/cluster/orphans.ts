/**
 * What carries a cluster's mark in the cloud and is in no state: left by a run that was killed between making a thing
 * and recording it. Only the mark counts, never a name alone (src/README.md, decision 4).
 */
import type { Cloud, Sweepable } from "../world.ts";
import type { CloudFacts } from "./facts.ts";
import { ownerKey, ownerMark } from "./names.ts";
import type { ClusterState } from "./state.ts";

export type Orphan = { kind: Sweepable; id: string; name: string };

/** A run that knows what there was before it: what is there now and bears its name and form, it made itself. */
export type OwnRun = { before: Pick<CloudFacts, "volumes" | "keypairs">; publicKey: string };

/** In the order in which they can be deleted. `run` is the one whose leftovers are looked for, when it still runs. */
export function findOrphans(
  cluster: string,
  clusterId: string,
  facts: Omit<CloudFacts, "quotas">,
  state: ClusterState | undefined,
  run?: OwnRun,
): Orphan[] {
  const known = new Set(state?.resources.map(({ id }) => id));
  const begun = new Set(state?.pending.map(({ name }) => name));
  const newVolume = (id: string) => run !== undefined && !run.before.volumes.some((volume) => volume.id === id);
  const newKeypair = (name: string, key: string) =>
    run !== undefined && key.trim() === run.publicKey.trim() && !run.before.keypairs.some((one) => one.name === name);
  const mark = ownerMark(clusterId);
  const pick = <T extends { id: string; name?: string }>(
    kind: Sweepable,
    all: readonly T[],
    ours: (one: T) => boolean,
  ): Orphan[] =>
    all.filter((one) => ours(one) && !known.has(one.id)).map(({ id, name }) => ({ kind, id, name: name || id }));
  const rules = facts.securityGroups.filter(({ id }) => known.has(id)).flatMap((group) => group.rules);
  const keypair = `${cluster}-keypair`;
  return [
    ...pick(
      "floating IP",
      facts.floatingIps.map(({ id, address, description }) => ({ id, name: address, description })),
      (one) => one.description === mark,
    ),
    ...pick("server", facts.servers, ({ metadata }) => metadata[ownerKey] === clusterId),
    ...pick("port", facts.ports, ({ description }) => description === mark),
    // A volume that was kept at destroy carries the mark too: only one whose making was cut short is nobody's data.
    ...pick(
      "volume",
      facts.volumes,
      ({ id, metadata }) => metadata[ownerKey] === clusterId && (begun.has(`${cluster}-vol`) || newVolume(id)),
    ),
    ...pick("security group rule", rules, ({ description }) => description === mark),
    ...pick("security group", facts.securityGroups, ({ description }) => description.endsWith(`(${mark})`)),
    ...pick("server group", facts.serverGroups, ({ name }) => name === `${cluster}-workers-${clusterId}`),
    // A keypair can carry no mark: the state's own word that it had begun to make one is the proof.
    ...facts.keypairs
      .filter(({ name, publicKey }) => name === keypair && (begun.has(keypair) || newKeypair(name, publicKey)))
      .filter(({ name }) => !known.has(name))
      .map(({ name }): Orphan => ({ kind: "keypair", id: name, name })),
  ];
}

/** Attachments of ours that the state does not know: a volume on a recorded server whose attaching was cut short. */
export function looseAttachments(
  facts: Omit<CloudFacts, "quotas">,
  state: ClusterState | undefined,
): { serverId: string; volumeId: string }[] {
  const pending = state?.pending.some(({ kind, operation }) => kind === "VolumeAttach" && operation === "creating");
  if (!state || !pending) return [];
  const masters = new Set(
    state.resources.filter(({ name, kind }) => kind === "Instance" && name.endsWith("-master")).map(({ id }) => id),
  );
  const attached = new Set(state.resources.filter(({ kind }) => kind === "VolumeAttach").map(({ id }) => id));
  return facts.servers
    .filter(({ id }) => masters.has(id))
    .flatMap(({ id, volumeIds }) => volumeIds.map((volumeId) => ({ serverId: id, volumeId })))
    .filter(({ serverId, volumeId }) => !attached.has(`${serverId}/${volumeId}`));
}

/** Deletes them, one kind after another. @throws HailstackError when the cloud refuses one */
export async function sweep(cloud: Cloud, orphans: readonly Orphan[], onEach: (orphan: Orphan) => void): Promise<void> {
  const kinds = [...new Set(orphans.map(({ kind }) => kind))];
  for (const kind of kinds) {
    await Promise.all(
      orphans
        .filter((orphan) => orphan.kind === kind)
        .map(async (orphan) => {
          await cloud.delete(kind, orphan.id);
          onEach(orphan);
        }),
    );
  }
}
