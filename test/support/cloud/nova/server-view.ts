/** A server as Nova shows it, which depends on the microversion. */
import { createHash } from "node:crypto";
import type { Call } from "../core/call.ts";
import { isoMicros, isoSeconds } from "../core/clock.ts";
import type { Fields, Json } from "../core/json.ts";
import { floatingAddress } from "../neutron/floating-ips.ts";
import { portAddress } from "../neutron/ports.ts";
import type { Server } from "../state.ts";
import { flavourLinks } from "./flavours.ts";

const statuses = { building: "BUILD", active: "ACTIVE", stopped: "SHUTOFF", error: "ERROR" } as const;
const powerStates = { building: 0, active: 1, stopped: 4, error: 0 } as const;

export const serverStatus = ({ vmState, taskState }: Server): string =>
  vmState === "active" && taskState === "rebooting" ? "REBOOT" : statuses[vmState];

export function serverLinks(call: Call, id: string): Json[] {
  const root = call.root("compute");
  return [
    { rel: "self", href: `${root}/v2.1/servers/${id}` },
    { rel: "bookmark", href: `${root}/servers/${id}` },
  ];
}

export const briefView = (call: Call, { id, name }: Server): Fields => ({ id, name, links: serverLinks(call, id) });

/** What every version shows, and all that an update answers with before 2.75. */
export function baseView(call: Call, server: Server, extended: boolean): Fields {
  const view: Fields = {
    id: server.id,
    name: server.name,
    status: serverStatus(server),
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: server.launchedAt === null ? "" : createHash("sha224").update(`${server.projectId} host`).digest("hex"),
    image: {
      id: server.imageId,
      links: [{ rel: "bookmark", href: `${call.root("compute")}/images/${server.imageId}` }],
    },
    flavor: flavourOf(call, server),
    created: isoSeconds(server.createdAt),
    updated: isoSeconds(server.updatedAt),
    addresses: addressesOf(call, server, extended),
    accessIPv4: "",
    accessIPv6: "",
    links: serverLinks(call, server.id),
    "OS-DCF:diskConfig": "MANUAL",
  };
  if (server.fault !== undefined) {
    view.fault = { code: server.fault.code, created: isoSeconds(server.fault.at), message: server.fault.message };
  }
  if (["ACTIVE", "BUILD"].includes(serverStatus(server))) view.progress = 0;
  return view;
}

function flavourOf(call: Call, { flavour }: Server): Fields {
  if (call.version < 47) return { id: flavour.id, links: flavourLinks(call, flavour).slice(1) };
  return {
    vcpus: flavour.vcpus,
    ram: flavour.ramMib,
    disk: flavour.diskGib,
    ephemeral: 0,
    swap: 0,
    original_name: flavour.name,
    extra_specs: {},
  };
}

function addressesOf({ core }: Call, server: Server, extended: boolean): Fields {
  const addresses: Record<string, Json[]> = {};
  if (server.launchedAt === null) return addresses;
  for (const portId of server.portIds) {
    const port = core.state.ports.get(portId);
    const network = port && core.state.networks.get(port.networkId);
    if (port === undefined || network === undefined) continue;
    const entry = (addr: string, type: string): Fields => ({
      version: 4,
      addr,
      ...(extended ? { "OS-EXT-IPS:type": type, "OS-EXT-IPS-MAC:mac_addr": port.mac } : {}),
    });
    const list = (addresses[network.name] ??= []);
    list.push(entry(portAddress(core, port), "fixed"));
    for (const floatingIp of core.state.floatingIps.values()) {
      if (floatingIp.portId === portId) list.push(entry(floatingAddress(core, floatingIp), "floating"));
    }
  }
  return addresses;
}

export function detailView(call: Call, server: Server): Fields {
  const { version } = call;
  const view: Fields = {
    ...baseView(call, server, true),
    "OS-EXT-AZ:availability_zone": server.launchedAt === null ? "" : "nova",
    config_drive: server.configDrive ? "True" : "",
    key_name: server.keyName,
    "OS-SRV-USG:launched_at": server.launchedAt === null ? null : isoMicros(server.launchedAt),
    "OS-SRV-USG:terminated_at": null,
    "OS-EXT-STS:task_state": server.taskState,
    "OS-EXT-STS:vm_state": server.vmState,
    "OS-EXT-STS:power_state": powerStates[server.vmState],
    "os-extended-volumes:volumes_attached": volumesOf(call, server),
  };
  const groups = groupNames(call, server);
  if (groups.length > 0) view.security_groups = groups;
  if (version >= 9) view.locked = false;
  if (version >= 19) view.description = null;
  if (version >= 26) view.tags = server.tags;
  if (version >= 63) view.trusted_image_certificates = null;
  if (version >= 71) view.server_groups = server.groupId === null ? [] : [server.groupId];
  if (version >= 73) view.locked_reason = null;
  if (version >= 90) view["OS-EXT-SRV-ATTR:hostname"] = hostnameOf(server.name);
  return view;
}

const hostnameOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, "-")
    .slice(0, 63);

function volumesOf({ core, version }: Call, server: Server): Json[] {
  return [...core.state.volumes.values()]
    .filter(({ attachment }) => attachment?.serverId === server.id)
    .map(({ id }): Json => (version >= 3 ? { id, delete_on_termination: false } : { id }));
}

/** Once for each port, as Nova does. */
function groupNames({ core }: Call, server: Server): Json[] {
  if (server.launchedAt === null) return [];
  const ids = server.portIds.flatMap((id) => core.state.ports.get(id)?.groupIds ?? []);
  return ids.map((id): Json => ({ name: core.state.securityGroups.get(id)?.name ?? id }));
}
