/** Networks and subnets: a member reads them, the administrator made them. */
import { type Call, param } from "../core/call.ts";
import { isoSeconds } from "../core/clock.ts";
import { type Answer, neutronError } from "../core/errors.ts";
import type { Fields } from "../core/json.ts";
import type { Network } from "../state.ts";
import { addressText } from "./addresses.ts";
import { type Collection, listAnswer } from "./resource.ts";

/** The project of the administrator, who owns what is shared. */
export const adminProjectId = "4f893e7814d24e5086f982a3e0709929";

const networkCollection: Collection<Network> = {
  plural: "networks",
  visible: ({ core }) => [...core.state.networks.values()],
  view: networkView,
};
export const listNetworks = (call: Call): Answer => listAnswer(call, networkCollection);
export const showNetwork = (call: Call): Answer => ({
  status: 200,
  body: { network: networkView(foundNetwork(call, param(call, "id"))) },
});

/** @throws Refusal (404) */
export function foundNetwork({ core }: Call, id: string): Network {
  const network = core.state.networks.get(id);
  if (network === undefined) throw neutronError(404, "NetworkNotFound", `Network ${id} could not be found.`);
  return network;
}

export function refuseNetworkDeletion(call: Call): Answer {
  foundNetwork(call, param(call, "id"));
  throw neutronError(403, "PolicyNotAuthorized", "rule:delete_network is disallowed by policy");
}

function networkView(network: Network): Fields {
  const created = isoSeconds(network.createdAt);
  const view: Fields = {
    id: network.id,
    name: network.name,
    tenant_id: adminProjectId,
    admin_state_up: true,
    mtu: 1500,
    status: "ACTIVE",
    subnets: [network.subnet.id],
    shared: network.shared,
    availability_zone_hints: [],
    availability_zones: ["nova"],
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    "router:external": network.external,
    description: "",
    port_security_enabled: network.portSecurity,
    tags: [],
    created_at: created,
    updated_at: created,
    revision_number: 2,
    project_id: adminProjectId,
  };
  if (network.external) view.is_default = false;
  return view;
}

/** A member does not see the subnets of a network that is external only. */
const subnetCollection: Collection<Fields & { id: string }> = {
  plural: "subnets",
  visible: ({ core }) => [...core.state.networks.values()].filter(({ shared }) => shared).map(subnetView),
  view: (subnet) => subnet,
};
export const listSubnets = (call: Call): Answer => listAnswer(call, subnetCollection);

export function showSubnet(call: Call): Answer {
  const subnet = subnetCollection.visible(call).find(({ id }) => id === param(call, "id"));
  if (subnet === undefined) {
    throw neutronError(404, "SubnetNotFound", `Subnet ${param(call, "id")} could not be found.`);
  }
  return { status: 200, body: { subnet } };
}

function subnetView(network: Network): Fields & { id: string } {
  const { id, cidr, first, last, gateway } = network.subnet;
  const created = isoSeconds(network.createdAt);
  return {
    id,
    name: network.name,
    tenant_id: adminProjectId,
    network_id: network.id,
    ip_version: 4,
    subnetpool_id: null,
    enable_dhcp: true,
    ipv6_ra_mode: null,
    ipv6_address_mode: null,
    gateway_ip: gateway === null ? null : addressText(network, gateway),
    cidr,
    allocation_pools: [{ start: addressText(network, first), end: addressText(network, last) }],
    host_routes: [],
    dns_nameservers: [],
    description: "",
    service_types: [],
    tags: [],
    created_at: created,
    updated_at: created,
    revision_number: 0,
    project_id: adminProjectId,
  };
}
