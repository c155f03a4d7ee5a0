/** Neutron: https://docs.openstack.org/api-ref/network/v2/ */
import { isIPv6 } from "node:net";
import * as z from "zod";
import type { Cloud, FloatingIp, Network, NewSecurityGroup, Port, SecurityGroup } from "../world.ts";
import { list } from "./paging.ts";
import type { Call, Session } from "./session.ts";

/** Neutron's descriptions are empty rather than absent, but an old extension may leave them out. */
const description = z
  .string()
  .nullish()
  .transform((text) => text ?? "");

const NeutronNetwork = z
  .object({
    id: z.string(),
    name: z.string(),
    "router:external": z.boolean().default(false),
    port_security_enabled: z.boolean().default(true),
  })
  .transform((network): Network => {
    const { id, name } = network;
    return { id, name, external: network["router:external"], portSecurity: network.port_security_enabled };
  });

const NeutronFloatingIp = z
  .object({
    id: z.string(),
    floating_ip_address: z.string(),
    port_id: z.string().nullable(),
    floating_network_id: z.string(),
    project_id: z.string(),
    description,
  })
  .transform((ip): FloatingIp => {
    const { id, floating_ip_address, port_id, floating_network_id, project_id } = ip;
    const { description } = ip;
    return {
      id,
      address: floating_ip_address,
      portId: port_id,
      poolId: floating_network_id,
      projectId: project_id,
      description,
    };
  });

const NeutronPort = z
  .object({
    id: z.string(),
    name: z.string(),
    network_id: z.string(),
    device_id: z.string(),
    fixed_ips: z.array(z.object({ ip_address: z.string() })),
    description,
    security_groups: z.array(z.string()).default([]),
  })
  .transform((port): Port => {
    const { id, name, description } = port;
    return {
      id,
      name,
      networkId: port.network_id,
      deviceId: port.device_id,
      addresses: port.fixed_ips.map(({ ip_address }) => ip_address),
      description,
      securityGroupIds: port.security_groups,
    };
  });

const NeutronSecurityGroup = z
  .object({
    id: z.string(),
    name: z.string(),
    description,
    security_group_rules: z.array(z.object({ id: z.string(), description })),
  })
  .transform((group): SecurityGroup => {
    const { id, name, description, security_group_rules } = group;
    return { id, name, description, rules: security_group_rules };
  });

const MadeGroup = z.object({ security_group: z.object({ id: z.string() }) });
const MadeFloatingIp = z.object({ floatingip: NeutronFloatingIp }).transform(({ floatingip }) => floatingip);

type NetworkPart = Pick<
  Cloud,
  "networks" | "floatingIps" | "ports" | "securityGroups" | "createSecurityGroup" | "createFloatingIp"
>;

/**
 * What `Cloud` says about networks and their like. To an administrator Neutron shows every project's things; ports and
 * groups are asked for by project, floating IPs tell theirs, and networks are meant to be shared.
 */
export function openNetwork(session: Session): NetworkPart {
  const own = { project_id: session.identity.projectId };
  return {
    networks: () =>
      list(
        session,
        call("/networks", "list networks", { fields: ["id", "name", "router:external", "port_security_enabled"] }),
        "networks",
        NeutronNetwork,
      ),
    floatingIps: () => list(session, call("/floatingips", "list floating IPs"), "floatingips", NeutronFloatingIp),
    ports: () => list(session, call("/ports", "list ports", { ...own, fields: portFields }), "ports", NeutronPort),
    securityGroups: () =>
      list(session, call("/security-groups", "list security groups", own), "security_groups", NeutronSecurityGroup),
    createSecurityGroup: (wanted) => createSecurityGroup(session, wanted),
    createFloatingIp({ poolId, description }) {
      const body = { floatingip: { floating_network_id: poolId, description } };
      return session.get({ ...call("/floatingips", "make a floating IP"), method: "POST", body }, MadeFloatingIp);
    },
  };
}

async function createSecurityGroup(session: Session, wanted: NewSecurityGroup): Promise<string> {
  const { name, description, rules } = wanted;
  const body = { security_group: { name, description } };
  const making = { ...call("/security-groups", "make a security group"), method: "POST", body } as const;
  const { id } = (await session.get(making, MadeGroup)).security_group;
  for (const { port, cidr } of rules) {
    const rule = {
      security_group_id: id,
      direction: "ingress",
      ethertype: isIPv6(cidr.split("/")[0] ?? "") ? "IPv6" : "IPv4",
      protocol: "tcp",
      port_range_min: port,
      port_range_max: port,
      remote_ip_prefix: cidr,
    };
    const adding = call("/security-group-rules", "make a security group rule");
    await session.ask({ ...adding, method: "POST", body: { security_group_rule: rule } });
  }
  return id;
}

const portFields = ["id", "name", "network_id", "device_id", "fixed_ips", "description", "security_groups"];

function call(path: string, what: string, query: Record<string, string | string[]> = {}): Call {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    [value].flat().map((each): [string, string] => [key, each]),
  );
  const search = new URLSearchParams(pairs).toString();
  return { service: "network", path: search === "" ? path : `${path}?${search}`, what };
}
