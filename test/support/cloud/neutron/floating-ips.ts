/** Floating IPs: addresses of an external network that can be pointed at a port. */
import { type Call, param, projectOf } from "../core/call.ts";
import { type Answer, neutronError } from "../core/errors.ts";
import { type Fields, textOf } from "../core/json.ts";
import type { Core } from "../core.ts";
import { type FloatingIp, type Network, type Port, ofProject } from "../state.ts";
import { drive, serverFacts } from "../nova/server-facts.ts";
import { addressText } from "./addresses.ts";
import { foundNetwork } from "./networks.ts";
import { foundPort, noAddressLeft, portAddress, portStatus } from "./ports.ts";
import { type Collection, attributesOf, checkQuota, listAnswer, standard, standardView, touch } from "./resource.ts";

const attributes = {
  name: "floatingip",
  settable: ["port_id", "fixed_ip_address", "description"],
  fixed: ["floating_network_id", "floating_ip_address", "subnet_id", "tenant_id", "project_id"],
  required: ["floating_network_id"],
};

export function createFloatingIp(call: Call): Answer {
  const fields = attributesOf(call, attributes);
  if (fields.floating_ip_address !== undefined) {
    const message = "(rule:create_floatingip and rule:create_floatingip:floating_ip_address) is disallowed by policy";
    throw neutronError(403, "PolicyNotAuthorized", message);
  }
  checkQuota(call.core, projectOf(call), "floatingip");
  const network = foundNetwork(call, textOf(fields.floating_network_id) ?? "");
  if (!network.external) {
    const message = `Bad floatingip request: Network ${network.id} is not a valid external network.`;
    throw neutronError(400, "BadRequest", message);
  }
  const description = textOf(fields.description) ?? "";
  const portId = textOf(fields.port_id);
  const port = portId === undefined ? undefined : reachablePort(call, portId, network.id);
  const floatingIp = addFloatingIp(call.core, projectOf(call), network, description);
  if (port !== undefined) attach(call, floatingIp, port);
  return { status: 201, body: { floatingip: view(floatingIp, call, "DOWN") } };
}

/** @throws Refusal (409) when the pool is empty */
export function addFloatingIp(core: Core, projectId: string, network: Network, description: string): FloatingIp {
  const common = standard(core, "floating ip", description, projectId);
  const address = core.addresses.take(network, `floating ${description}`);
  if (address === undefined) throw noAddressLeft(network);
  const floatingIp: FloatingIp = {
    ...common,
    description,
    networkId: network.id,
    address,
    portId: null,
    failed: false,
  };
  core.state.floatingIps.set(floatingIp.id, floatingIp);
  return floatingIp;
}

function reachablePort(call: Call, portId: string, externalId: string): Port {
  const port = foundPort(call, portId);
  const network = foundNetwork(call, port.networkId);
  if (!network.routed) {
    const message = `External network ${externalId} is not reachable from subnet ${network.subnet.id}.  Therefore, cannot associate Port ${port.id} with a Floating IP.`;
    throw neutronError(404, "ExternalGatewayForFloatingIPNotFound", message);
  }
  return port;
}

function attach(call: Call, floatingIp: FloatingIp, port: Port): void {
  const other = [...call.core.state.floatingIps.values()].find(
    ({ id, portId }) => portId === port.id && id !== floatingIp.id,
  );
  if (other !== undefined) {
    const address = floatingAddress(call.core, floatingIp);
    const message = `Cannot associate floating IP ${address} (${floatingIp.id}) with port ${port.id} using fixed IP ${portAddress(call.core, port)}, as that fixed IP already has a floating IP on external network ${floatingIp.networkId}.`;
    throw neutronError(409, "FloatingIPPortAlreadyAssociated", message);
  }
  lead(call.core, floatingIp, port.id);
}

export function floatingAddress({ state }: Core, { networkId, address }: FloatingIp): string {
  const network = state.networks.get(networkId);
  return network === undefined ? "" : addressText(network, address);
}

export function updateFloatingIp(call: Call): Answer {
  const floatingIp = found(call);
  const before = statusOf(floatingIp);
  const fields = attributesOf(call, attributes);
  if (typeof fields.port_id === "string") {
    attach(call, floatingIp, reachablePort(call, fields.port_id, floatingIp.networkId));
  }
  if (fields.port_id === null) lead(call.core, floatingIp, null);
  floatingIp.description = textOf(fields.description) ?? floatingIp.description;
  touch(call.core, floatingIp);
  return { status: 200, body: { floatingip: view(floatingIp, call, before) } };
}

export function deleteFloatingIp(call: Call): Answer {
  removeFloatingIp(call.core, found(call));
  return { status: 204 };
}

export function removeFloatingIp(core: Core, floatingIp: FloatingIp): void {
  lead(core, floatingIp, null);
  core.addresses.release(floatingIp.networkId, floatingIp.address);
  core.state.floatingIps.delete(floatingIp.id);
}

/** Has it lead to this port, or to none; the machines behind the old and the new one get to know. */
function lead(core: Core, floatingIp: FloatingIp, portId: string | null): void {
  if (floatingIp.portId === portId) return;
  tellMachine(core, floatingIp, false);
  floatingIp.portId = portId;
  tellMachine(core, floatingIp, true);
}

function tellMachine(core: Core, floatingIp: FloatingIp, leads: boolean): void {
  const { portId } = floatingIp;
  const port = portId === null ? undefined : core.state.ports.get(portId);
  const server = port && core.state.servers.get(port.deviceId);
  const tell = core.compute.floatingIp;
  if (port === undefined || server === undefined || tell === undefined) return;
  const work = () => tell(serverFacts(core, server), port.id, floatingAddress(core, floatingIp), leads);
  const known = (failed: boolean) => () => void (floatingIp.failed = failed);
  drive(work, known(false), known(true));
}

const collection: Collection<FloatingIp> = {
  plural: "floatingips",
  visible: (call) => ofProject(call.core.state.floatingIps, projectOf(call)),
  view: (floatingIp, call) => view(floatingIp, call, statusOf(floatingIp)),
};

export const listFloatingIps = (call: Call): Answer => listAnswer(call, collection);
export const showFloatingIp = (call: Call): Answer => {
  const floatingIp = found(call);
  return { status: 200, body: { floatingip: view(floatingIp, call, statusOf(floatingIp)) } };
};

function found(call: Call): FloatingIp {
  const floatingIp = call.core.state.floatingIps.get(param(call, "id"));
  if (floatingIp?.projectId !== projectOf(call)) {
    throw neutronError(404, "FloatingIPNotFound", `Floating IP ${param(call, "id")} could not be found`);
  }
  return floatingIp;
}

function statusOf({ portId, failed }: FloatingIp): string {
  if (failed) return "ERROR";
  return portId === null ? "DOWN" : "ACTIVE";
}

/** The router's agent reports the new status later, so an answer to a change still has the old one. */
function view(floatingIp: FloatingIp, { core }: Call, status: string): Fields {
  const port = floatingIp.portId === null ? undefined : core.state.ports.get(floatingIp.portId);
  return {
    id: floatingIp.id,
    floating_ip_address: floatingAddress(core, floatingIp),
    floating_network_id: floatingIp.networkId,
    router_id: port === undefined ? null : "cac2be91-0ba6-4986-9e98-68bdeac8f60f",
    port_id: floatingIp.portId,
    fixed_ip_address: port === undefined ? null : portAddress(core, port),
    status,
    port_details: port === undefined ? null : portDetails(port),
    tags: floatingIp.tags,
    ...standardView(floatingIp),
  };
}

const portDetails = (port: Port): Fields => ({
  name: port.name,
  network_id: port.networkId,
  mac_address: port.mac,
  admin_state_up: port.adminStateUp,
  status: portStatus(port),
  device_id: port.deviceId,
  device_owner: port.deviceOwner,
});
