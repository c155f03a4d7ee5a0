/** What a simulated cloud holds, in forms that two moments, or two runs, can be compared by. */
import type { SimulatedCloud } from "../support/cloud/cloud.ts";
import type { State } from "../support/cloud/state.ts";

/** Every object that clients make, whole, by kind and id. */
export type Picture = ReadonlyMap<string, string>;

export function pictureOf(cloud: SimulatedCloud): Picture {
  return new Map(things(cloud.state).map(({ kind, id, thing }) => [`${kind} ${id}`, JSON.stringify(thing)]));
}

/** What is there that was not there before, as `kind name`, sorted: equal lists mean equal clusters. */
export function addedSince(before: Picture, cloud: SimulatedCloud): string[] {
  const { state } = cloud;
  return things(state)
    .filter(({ kind, id }) => !before.has(`${kind} ${id}`))
    .map(({ kind, id }) => `${kind} ${name(state, kind, id)}`)
    .sort();
}

/** What was there before and is gone or changed now. */
export function disturbed(before: Picture, cloud: SimulatedCloud): string[] {
  const now = pictureOf(cloud);
  return [...before].filter(([key, thing]) => now.get(key) !== thing).map(([key]) => key);
}

type Kind = "keypairs" | "serverGroups" | "securityGroups" | "rules" | "ports" | "floatingIps" | "volumes" | "servers";
const kinds: readonly Kind[] = [
  "keypairs",
  "serverGroups",
  "securityGroups",
  "rules",
  "ports",
  "floatingIps",
  "volumes",
  "servers",
];

const things = (state: State): { kind: Kind; id: string; thing: unknown }[] =>
  kinds.flatMap((kind) => [...state[kind]].map(([id, thing]) => ({ kind, id, thing })));

/** A name that holds what matters about the thing and no random id. */
function name(state: State, kind: Kind, id: string): string {
  const serverName = (server: string | undefined) =>
    server ? (state.servers.get(server)?.name ?? "nobody") : "nobody";
  const group = (groupId: string | null) => (groupId ? (state.securityGroups.get(groupId)?.name ?? "nothing") : "");
  switch (kind) {
    case "keypairs":
      return state.keypairs.get(id)?.name ?? "";
    case "serverGroups":
      return (state.serverGroups.get(id)?.name ?? "").replace(/[0-9a-f]{16}$/, "<id>");
    case "securityGroups":
      return group(id);
    case "rules": {
      const rule = state.rules.get(id);
      if (rule === undefined) return "";
      const { groupId, direction, ethertype, protocol, portMin, portMax, prefix, remoteGroupId } = rule;
      return [group(groupId), direction, ethertype, protocol, portMin, portMax, prefix, group(remoteGroupId)].join("/");
    }
    case "ports": {
      const port = state.ports.get(id);
      return `${port?.name ?? ""} of ${serverName(port?.deviceId)}`;
    }
    case "floatingIps":
      return `at ${state.ports.get(state.floatingIps.get(id)?.portId ?? "")?.name ?? "nothing"}`;
    case "volumes": {
      const volume = state.volumes.get(id);
      return `${volume?.name ?? ""} ${volume?.status ?? ""} at ${serverName(volume?.attachment?.serverId)}`;
    }
    case "servers": {
      const server = state.servers.get(id);
      return `${server?.name ?? ""} ${server?.vmState ?? ""}`;
    }
  }
}
