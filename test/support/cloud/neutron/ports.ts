/** Ports: a place on a network with an address, for a server to be plugged into. */
import { type Call, param, projectOf } from "../core/call.ts";
import { type Answer, neutronError } from "../core/errors.ts";
import { type Fields, fieldsOf, listOf, textOf, textsOf } from "../core/json.ts";
import type { Core } from "../core.ts";
import { type Network, type Port, ofProject } from "../state.ts";
import { addressText } from "./addresses.ts";
import { foundNetwork } from "./networks.ts";
import { type Collection, attributesOf, checkQuota, listAnswer, standard, standardView, touch } from "./resource.ts";
import { defaultGroup } from "./security-groups.ts";

const attributes = {
  name: "port",
  settable: [
    "name",
    "description",
    "admin_state_up",
    "security_groups",
    "device_id",
    "device_owner",
    "port_security_enabled",
    "fixed_ips",
    "mac_address",
    "allowed_address_pairs",
    "binding:vnic_type",
    "extra_dhcp_opts",
  ],
  fixed: ["network_id", "tenant_id", "project_id"],
  required: ["network_id"],
};

export function createPort(call: Call): Answer {
  const fields = attributesOf(call, attributes);
  const network = foundNetwork(call, textOf(fields.network_id) ?? "");
  checkOwnersAttributes("create_port", fields);
  const groupIds = groupIdsOf(call, fields);
  checkQuota(call.core, projectOf(call), "port");
  const port = addPort(call.core, projectOf(call), network, textOf(fields.name) ?? "", groupIds);
  change(port, fields);
  return { status: 201, body: { port: portView(port, call) } };
}

/** Addresses of one's choice are for the owner of the network, which no member is here. @throws Refusal (403) */
function checkOwnersAttributes(action: string, fields: Fields): void {
  const refuse = (rule: string) =>
    neutronError(403, "PolicyNotAuthorized", `(rule:${action} and ${rule}) is disallowed by policy`);
  if (listOf(fields.fixed_ips).some((item) => "ip_address" in fieldsOf(item))) {
    throw refuse(`(rule:${action}:fixed_ips and (rule:${action}:fixed_ips:ip_address))`);
  }
  if (fields.mac_address !== undefined) throw refuse(`rule:${action}:mac_address`);
  if (listOf(fields.allowed_address_pairs).length > 0) {
    throw refuse(`(rule:${action}:allowed_address_pairs and (rule:${action}:allowed_address_pairs:ip_address))`);
  }
}

function groupIdsOf(call: Call, fields: Fields): string[] {
  if (fields.port_security_enabled === false) return [];
  if (fields.security_groups === undefined) return [defaultGroup(call.core, projectOf(call)).id];
  const ids = textsOf(fields.security_groups);
  const missing = ids.find((id) => call.core.state.securityGroups.get(id)?.projectId !== projectOf(call));
  if (missing !== undefined) {
    throw neutronError(404, "SecurityGroupNotFound", `Security group ${missing} does not exist`);
  }
  return ids;
}

/** @throws Refusal (409) when the network has no address left */
export function addPort(core: Core, projectId: string, network: Network, name: string, groupIds: string[]): Port {
  const common = standard(core, "port", name, projectId);
  const address = core.addresses.take(network, name);
  if (address === undefined) throw noAddressLeft(network);
  const mac = core.seed
    .hex("mac", common.id)
    .slice(0, 6)
    .replaceAll(/(..)(?=.)/g, "$1:");
  const port: Port = {
    ...common,
    name,
    networkId: network.id,
    mac: `fa:16:3e:${mac}`,
    address,
    adminStateUp: true,
    portSecurity: network.portSecurity,
    groupIds: network.portSecurity ? groupIds : [],
    deviceId: "",
    deviceOwner: "",
    madeByNova: false,
  };
  core.state.ports.set(port.id, port);
  return port;
}

export const noAddressLeft = ({ id }: Network) =>
  neutronError(409, "IpAddressGenerationFailure", `No more IP addresses available on network ${id}.`);

/** Takes a port away, and its address off any floating IP. */
export function removePort(core: Core, port: Port): void {
  for (const floatingIp of core.state.floatingIps.values()) {
    if (floatingIp.portId !== port.id) continue;
    floatingIp.portId = null;
    touch(core, floatingIp);
  }
  core.addresses.release(port.networkId, port.address);
  core.state.ports.delete(port.id);
}

function change(port: Port, fields: Fields): void {
  port.name = textOf(fields.name) ?? port.name;
  port.description = textOf(fields.description) ?? port.description;
  port.deviceId = textOf(fields.device_id) ?? port.deviceId;
  port.deviceOwner = textOf(fields.device_owner) ?? port.deviceOwner;
  if (typeof fields.admin_state_up === "boolean") port.adminStateUp = fields.admin_state_up;
  if (typeof fields.port_security_enabled === "boolean") port.portSecurity = fields.port_security_enabled;
}

const collection: Collection<Port> = {
  plural: "ports",
  visible({ core, query, token }) {
    const ids = query.getAll("id");
    const own = ({ projectId }: Port) => projectId === token?.projectId;
    // The provider asks for one port by id for every server: looking through a thousand each time would be slow.
    if (ids.length > 0) return ids.flatMap((id) => core.state.ports.get(id) ?? []).filter(own);
    return [...core.state.ports.values()].filter(own);
  },
  view: portView,
  filters: { security_groups: (port, id) => port.groupIds.includes(id) },
};

export const listPorts = (call: Call): Answer => listAnswer(call, collection);
export const showPort = (call: Call): Answer => ({ status: 200, body: { port: portView(foundPort(call), call) } });

export function updatePort(call: Call): Answer {
  const port = foundPort(call);
  const fields = attributesOf(call, attributes);
  checkOwnersAttributes("update_port", fields);
  if (fields.security_groups !== undefined) port.groupIds = groupIdsOf(call, fields);
  change(port, fields);
  touch(call.core, port);
  return { status: 200, body: { port: portView(port, call) } };
}

export function deletePort(call: Call): Answer {
  removePort(call.core, foundPort(call));
  return { status: 204 };
}

/** The port of the path, or of `id`. @throws Refusal (404) */
export function foundPort(call: Call, id = param(call, "id")): Port {
  const port = call.core.state.ports.get(id);
  if (port?.projectId !== projectOf(call)) {
    throw neutronError(404, "PortNotFound", `Port ${id} could not be found.`);
  }
  return port;
}

/** Without an id in the path Neutron looks for the port `None`. */
export function refuseDeletionOfAll(): Answer {
  throw neutronError(404, "PortNotFound", "Port None could not be found.");
}

export const portStatus = (port: Port): string => (port.deviceId === "" ? "DOWN" : "ACTIVE");

/** The first address of a port, dotted. */
export function portAddress({ state }: Core, port: Port): string {
  const network = state.networks.get(port.networkId);
  return network === undefined ? "" : addressText(network, port.address);
}

function portView(port: Port, { core }: Call): Fields {
  const subnetId = core.state.networks.get(port.networkId)?.subnet.id ?? "";
  return {
    id: port.id,
    name: port.name,
    network_id: port.networkId,
    mac_address: port.mac,
    admin_state_up: port.adminStateUp,
    status: portStatus(port),
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
    fixed_ips: [{ subnet_id: subnetId, ip_address: portAddress(core, port) }],
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    security_groups: port.groupIds,
    "binding:vnic_type": "normal",
    port_security_enabled: port.portSecurity,
    tags: port.tags,
    ...standardView(port),
  };
}

/** Whether any port of the project carries the group. */
export const isGroupInUse = ({ state }: Core, groupId: string, projectId: string): boolean =>
  ofProject(state.ports, projectId).some(({ groupIds }) => groupIds.includes(groupId));
