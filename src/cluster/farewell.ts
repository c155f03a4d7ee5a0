/** What a destroy does to each thing, decided before anybody is asked. Pure. */
import type { CloudFacts } from "./facts.ts";
import type { Orphan } from "./orphans.ts";
import { missingResources } from "./changes.ts";
import { ofKind, type ClusterState } from "./state.ts";

export type Farewell = {
  /** Recorded resources that go, and what an interrupted run left. */
  deleted: { kind: string; name: string; id: string }[];
  /** Stays as it is: a preserved volume, and the foreign things, which users attached by hand. */
  kept: { kind: string; name: string; id: string; why: string; foreign: boolean }[];
  /** Let go of, not deleted: it was there before the cluster. */
  detached: { kind: string; name: string; id: string }[];
  /** Recorded, and gone from the cloud already. */
  gone: { kind: string; name: string; id: string }[];
  /** The data volume that outlives the cluster, and the server it must come off cleanly. */
  release?: { volumeId: string; serverId: string };
};

type Seen = Omit<CloudFacts, "quotas">;

/** `preserve` is `volumes.preserve_on_destroy` as the config has it now. */
export function planFarewell(
  state: ClusterState,
  facts: Seen,
  orphans: readonly Orphan[],
  preserve: boolean,
): Farewell {
  const gone = missingResources(state, facts);
  const goneIds = new Set(gone.map(({ id }) => id));
  const keptVolume = preserve ? ofKind(state, "Volume").filter(({ id }) => !goneIds.has(id)) : [];
  const attached = attachedVolume(state);
  const known = new Set(state.resources.map(({ id }) => id));
  const existing =
    attached && !known.has(attached.volumeId)
      ? [{ kind: "volume", name: attached.volumeId, id: attached.volumeId }]
      : [];
  const outlives = attached && (existing.length > 0 || keptVolume.length > 0);
  return {
    deleted: [
      ...state.resources
        .filter(
          ({ id, kind }) => !goneIds.has(id) && !keptVolume.some((volume) => volume.id === id) && listed.has(kind),
        )
        .map(({ kind, name, id }) => ({ kind: listed.get(kind) ?? kind, name, id })),
      ...orphans,
    ],
    kept: [
      ...keptVolume.map(({ id, inputs }) => ({
        kind: "volume",
        name: String(inputs.name ?? id),
        id,
        why: "volumes.preserve_on_destroy",
        foreign: false,
      })),
      ...attachedByHand(state, facts, orphans, attached?.volumeId).map((thing) => ({ ...thing, foreign: true })),
    ],
    detached: [
      ...existing,
      ...ofKind(state, "FloatingIpAssociate").map(({ inputs, id }) => ({
        kind: "floating IP",
        name: String(inputs.floatingIp ?? id),
        id,
      })),
    ],
    gone: gone
      .filter(({ kind }) => listed.has(kind))
      .map(({ kind, name, id }) => ({ kind: listed.get(kind) ?? kind, name, id })),
    ...(outlives ? { release: attached } : {}),
  };
}

/** Kinds worth a line, as people call them; rules and associations go with what they belong to. */
const listed = new Map([
  ["Instance", "server"],
  ["Port", "port"],
  ["Volume", "volume"],
  ["FloatingIp", "floating IP"],
  ["SecGroup", "security group"],
  ["ServerGroup", "server group"],
  ["Keypair", "keypair"],
]);

function attachedVolume(state: ClusterState): { volumeId: string; serverId: string } | undefined {
  const [attachment] = ofKind(state, "VolumeAttach");
  const [serverId, volumeId] = attachment?.id.split("/") ?? [];
  return serverId && volumeId ? { serverId, volumeId } : undefined;
}

/** Ports, addresses and volumes that somebody put on our servers or under our groups: named, never touched. */
function attachedByHand(state: ClusterState, facts: Seen, orphans: readonly Orphan[], ownVolume: string | undefined) {
  const known = new Set([...state.resources, ...orphans].map(({ id }) => id));
  const ids = (kind: string) => new Set(ofKind(state, kind).map(({ id }) => id));
  const [servers, ports, groups] = [ids("Instance"), ids("Port"), ids("SecGroup")];
  const address = state.outputs?.master_public_ip;
  return [
    ...facts.servers
      .filter(({ id }) => servers.has(id))
      .flatMap(({ name, volumeIds }) =>
        volumeIds
          .filter((id) => id !== ownVolume && !known.has(id))
          .map((id) => ({ kind: "volume", name: id, id, why: `attached by hand to ${name}` })),
      ),
    ...facts.floatingIps
      .filter(
        ({ id, portId, address: own }) => portId !== null && ports.has(portId) && !known.has(id) && own !== address,
      )
      .map(({ id, address: name }) => ({ kind: "floating IP", name, id, why: "associated by hand" })),
    ...facts.ports
      .filter(({ id, securityGroupIds }) => !known.has(id) && securityGroupIds.some((group) => groups.has(group)))
      .map(({ id, name }) => ({
        kind: "port",
        name: name || id,
        id,
        why: "uses a security group of the cluster, which cannot go while it does",
      })),
  ];
}
