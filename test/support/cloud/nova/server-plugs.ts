/** What a server is plugged into: ports that are there, or those that Nova makes, and their security groups. */
import { type Call, projectOf } from "../core/call.ts";
import { novaError } from "../core/errors.ts";
import { type Json, fieldsOf, listOf, textOf } from "../core/json.ts";
import { addPort } from "../neutron/ports.ts";
import { defaultGroup } from "../neutron/security-groups.ts";
import { type Port, type Server, ofProject } from "../state.ts";

/** A port that is there, or the network on which Nova shall make one. */
export type Plug = { port: Port } | { networkId: string };

export function plugsOf(call: Call, networks: Json | undefined): Plug[] {
  if (networks === "none") return [];
  const asked = listOf(networks).map(fieldsOf);
  if (asked.length === 0) return [onlyNetwork(call)];
  return asked.map((fields) => {
    const portId = textOf(fields.port);
    return portId === undefined ? { networkId: networkOf(call, textOf(fields.uuid) ?? "") } : freePort(call, portId);
  });
}

function onlyNetwork({ core }: Call): Plug {
  const inner = [...core.state.networks.values()].filter(({ shared }) => shared);
  const [network] = inner;
  if (network === undefined || inner.length > 1) {
    throw novaError(409, "Multiple possible networks found, use a Network ID to be more specific.");
  }
  return { networkId: network.id };
}

function networkOf({ core }: Call, id: string): string {
  const network = core.state.networks.get(id);
  if (network === undefined) throw novaError(400, `Network ${id} could not be found.`);
  if (!network.shared) throw novaError(403, `It is not allowed to create an interface on external network ${id}`);
  return id;
}

function freePort(call: Call, id: string): Plug {
  const port = call.core.state.ports.get(id);
  if (port?.projectId !== projectOf(call)) throw novaError(400, `Port id ${id} could not be found.`);
  if (port.deviceId !== "") throw novaError(409, `Port ${id} is still in use.`);
  return { port };
}

/** By name or id; the project's default one without any. @throws Refusal (400) */
export function securityGroupsOf(call: Call, asked: Json | undefined): string[] {
  const names = listOf(asked).map((item) => textOf(fieldsOf(item).name) ?? "");
  if (names.length === 0) return [defaultGroup(call.core, projectOf(call)).id];
  const own = ofProject(call.core.state.securityGroups, projectOf(call));
  return names.map((name) => {
    const found = own.find((group) => group.id === name) ?? own.find((group) => group.name === name);
    if (found === undefined) throw novaError(400, `Unable to find security_group with name or id '${name}'`);
    return found.id;
  });
}

/** What the server asks for is for the ports that Nova makes; others have their own. */
export function portOf({ core }: Call, server: Server, plug: Plug, groupIds: string[]): Port {
  if ("port" in plug) return plug.port;
  const network = core.state.networks.get(plug.networkId);
  if (network === undefined) throw new Error(`network ${plug.networkId} went away`);
  const port = addPort(core, server.projectId, network, "", groupIds);
  port.madeByNova = true;
  return port;
}
