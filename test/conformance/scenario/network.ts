import { callsOf, nobody } from "../step.ts";

const { get, post, put, del } = callsOf("network");

const rule = (more: object) => ({
  security_group_rule: { security_group_id: "{sg_id}", direction: "ingress", ethertype: "IPv4", ...more },
});
const ssh = rule({ protocol: "tcp", port_range_min: 22, port_range_max: 22, remote_ip_prefix: "10.0.0.0/8" });

/** Security groups and rules (3 and 14 fit in the scenario's project, its default group and 4 rules included). */
export const securityGroups = [
  post(
    "security group: create",
    "/v2.0/security-groups",
    { security_group: { name: "conf-sg", description: "conformance" } },
    { save: { sg_id: "security_group.id", sg_rule_id: "security_group.security_group_rules[0].id" } },
  ),
  post(
    "security group: create one of the same name",
    "/v2.0/security-groups",
    { security_group: { name: "conf-sg" } },
    { save: { sg2_id: "security_group.id" } },
  ),
  post("security group: over quota", "/v2.0/security-groups", { security_group: { name: "conf-sg-3" } }),
  post("security group: a property that is none", "/v2.0/security-groups", {
    security_group: { name: "conf-sg-3", telepathy: true },
  }),
  post("security group: no body", "/v2.0/security-groups", {}),
  post("security group: the name default", "/v2.0/security-groups", { security_group: { name: "default" } }),
  put("security group: update", "/v2.0/security-groups/{sg_id}", { security_group: { description: "changed" } }),
  put("security group: tags", "/v2.0/security-groups/{sg_id}/tags", { tags: ["conf-a", "conf-b"] }),
  put("security group: tags that are none", "/v2.0/security-groups/{sg_id}/tags", { tags: "conf-a" }),
  get("security group: read", "/v2.0/security-groups/{sg_id}"),
  get("security group: by name", "/v2.0/security-groups?name=conf-sg"),
  get("security group: by tag", "/v2.0/security-groups?tags=conf-a"),
  get("security group: all", "/v2.0/security-groups"),
  get("security group: unknown id", `/v2.0/security-groups/${nobody}`),
  put("security group: update an unknown one", `/v2.0/security-groups/${nobody}`, { security_group: { name: "x" } }),
  del("security group: delete an unknown one", `/v2.0/security-groups/${nobody}`),
  put("security group: tags of an unknown one", `/v2.0/security-groups/${nobody}/tags`, { tags: ["a"] }),

  post("rule: create", "/v2.0/security-group-rules", ssh, { save: { rule_id: "security_group_rule.id" } }),
  post("rule: create again", "/v2.0/security-group-rules", ssh),
  post(
    "rule: all ICMP with a description",
    "/v2.0/security-group-rules",
    rule({ protocol: "icmp", description: "pings" }),
    { save: { icmp_rule_id: "security_group_rule.id" } },
  ),
  post("rule: from the group itself", "/v2.0/security-group-rules", rule({ remote_group_id: "{sg_id}" })),
  post("rule: egress IPv6", "/v2.0/security-group-rules", {
    security_group_rule: { security_group_id: "{sg2_id}", direction: "egress", ethertype: "IPv6", protocol: "tcp" },
  }),
  post(
    "rule: ports the wrong way round",
    "/v2.0/security-group-rules",
    rule({
      protocol: "tcp",
      port_range_min: 23,
      port_range_max: 22,
    }),
  ),
  post(
    "rule: a port without a protocol",
    "/v2.0/security-group-rules",
    rule({ port_range_min: 22, port_range_max: 22 }),
  ),
  post("rule: one port of two", "/v2.0/security-group-rules", rule({ protocol: "tcp", port_range_min: 22 })),
  post("rule: a protocol that is none", "/v2.0/security-group-rules", rule({ protocol: "telepathy" })),
  post("rule: a direction that is none", "/v2.0/security-group-rules", rule({ direction: "sideways" })),
  post(
    "rule: an IPv6 prefix in an IPv4 rule",
    "/v2.0/security-group-rules",
    rule({ remote_ip_prefix: "2001:db8::/32" }),
  ),
  post("rule: a prefix that is none", "/v2.0/security-group-rules", rule({ remote_ip_prefix: "10.0.0.0/99" })),
  post(
    "rule: prefix and group at once",
    "/v2.0/security-group-rules",
    rule({
      remote_ip_prefix: "10.0.0.0/8",
      remote_group_id: "{sg_id}",
    }),
  ),
  post("rule: in an unknown group", "/v2.0/security-group-rules", {
    security_group_rule: { security_group_id: nobody, direction: "ingress" },
  }),
  post("rule: no direction", "/v2.0/security-group-rules", { security_group_rule: { security_group_id: "{sg_id}" } }),
  post(
    "rule: a port above all",
    "/v2.0/security-group-rules",
    rule({
      protocol: "tcp",
      port_range_min: 1,
      port_range_max: 70000,
    }),
  ),
  get("rule: read", "/v2.0/security-group-rules/{rule_id}"),
  get("rule: of one group", "/v2.0/security-group-rules?security_group_id={sg_id}&direction=ingress"),
  get("rule: unknown id", `/v2.0/security-group-rules/${nobody}`),
  put("rule: change it", "/v2.0/security-group-rules/{rule_id}", { security_group_rule: { description: "x" } }),
  put("rule: change its protocol", "/v2.0/security-group-rules/{rule_id}", {
    security_group_rule: { protocol: "udp" },
  }),
  del("rule: delete", "/v2.0/security-group-rules/{icmp_rule_id}"),
  del("rule: delete again", "/v2.0/security-group-rules/{icmp_rule_id}"),
  post("rule: over quota 1", "/v2.0/security-group-rules", rule({ protocol: "udp" })),
  post("rule: over quota 2", "/v2.0/security-group-rules", rule({ protocol: "tcp" })),
  post("rule: over quota 3", "/v2.0/security-group-rules", rule({ protocol: "gre" })),
  post("rule: over quota 4", "/v2.0/security-group-rules", rule({ protocol: "esp" })),
];

/** Ports on one and two networks (six fit in the scenario's project). */
export const ports = [
  post(
    "port: create",
    "/v2.0/ports",
    {
      port: { network_id: "{private_id}", name: "conf-port", description: "conformance", security_groups: ["{sg_id}"] },
    },
    { save: { port_id: "port.id", port_address: "port.fixed_ips[0].ip_address" } },
  ),
  post(
    "port: create on the second network",
    "/v2.0/ports",
    { port: { network_id: "{lustre_id}", name: "conf-port-2", admin_state_up: true, security_groups: ["{sg_id}"] } },
    { save: { port2_id: "port.id" } },
  ),
  post(
    "port: create with the default group",
    "/v2.0/ports",
    { port: { network_id: "{private_id}", name: "conf-port-3" } },
    { save: { port3_id: "port.id" } },
  ),
  post(
    "port: create with no groups",
    "/v2.0/ports",
    { port: { network_id: "{private_id}", name: "conf-port-4", security_groups: [] } },
    { save: { port4_id: "port.id" } },
  ),
  post("port: at an address that is taken", "/v2.0/ports", {
    port: { network_id: "{private_id}", fixed_ips: [{ ip_address: "{port_address}" }] },
  }),
  post("port: at an address outside", "/v2.0/ports", {
    port: { network_id: "{private_id}", fixed_ips: [{ ip_address: "192.0.2.1" }] },
  }),
  post("port: on an unknown network", "/v2.0/ports", { port: { network_id: nobody } }),
  post("port: with an unknown group", "/v2.0/ports", {
    port: { network_id: "{private_id}", security_groups: [nobody] },
  }),
  post("port: a property that is none", "/v2.0/ports", { port: { network_id: "{private_id}", telepathy: 1 } }),
  post("port: no network", "/v2.0/ports", { port: { name: "conf-none" } }),
  post("port: address pairs on another's network", "/v2.0/ports", {
    port: { network_id: "{private_id}", allowed_address_pairs: [{ ip_address: "10.200.0.0/16" }] },
  }),
  put("port: tags", "/v2.0/ports/{port_id}/tags", { tags: ["conf-a", "conf-b"] }),
  put("port: update", "/v2.0/ports/{port_id}", { port: { description: "changed", security_groups: ["{sg_id}"] } }),
  put("port: update with an unknown property", "/v2.0/ports/{port_id}", { port: { telepathy: 1 } }),
  put("port: update an unknown one", `/v2.0/ports/${nobody}`, { port: { name: "x" } }),
  get("port: read", "/v2.0/ports/{port_id}"),
  get("port: all", "/v2.0/ports"),
  get("port: by name", "/v2.0/ports?name=conf-port-2"),
  get("port: by id", "/v2.0/ports?id={port_id}"),
  get("port: two ids and some fields", "/v2.0/ports?id={port_id}&id={port2_id}&fields=name&sort_key=name"),
  get("port: two ids in order", "/v2.0/ports?id={port_id}&id={port2_id}&fields=name&sort_key=name&sort_dir=desc"),
  get("port: by tag", "/v2.0/ports?tags=conf-a,conf-b"),
  get("port: unknown id", `/v2.0/ports/${nobody}`),
  del("port: delete an unknown one", `/v2.0/ports/${nobody}`),
  del("security group: delete while a port has it", "/v2.0/security-groups/{sg_id}"),
  post(
    "port: over quota 1",
    "/v2.0/ports",
    { port: { network_id: "{private_id}", name: "conf-5" } },
    {
      save: { port5_id: "port.id" },
    },
  ),
  post(
    "port: over quota 2",
    "/v2.0/ports",
    { port: { network_id: "{private_id}", name: "conf-6" } },
    {
      save: { port6_id: "port.id" },
    },
  ),
  post("port: over quota 3", "/v2.0/ports", { port: { network_id: "{private_id}", name: "conf-7" } }),
];

/** Floating IPs (two fit in the scenario's project). */
export const floatingIps = [
  post(
    "floating IP: create",
    "/v2.0/floatingips",
    { floatingip: { floating_network_id: "{public_id}", description: "conformance" } },
    { save: { fip_id: "floatingip.id", fip_address: "floatingip.floating_ip_address" } },
  ),
  post("floating IP: at an address that is taken", "/v2.0/floatingips", {
    floatingip: { floating_network_id: "{public_id}", floating_ip_address: "{fip_address}" },
  }),
  post("floating IP: on a network that is not external", "/v2.0/floatingips", {
    floatingip: { floating_network_id: "{private_id}" },
  }),
  post("floating IP: on an unknown network", "/v2.0/floatingips", { floatingip: { floating_network_id: nobody } }),
  post("floating IP: a property that is none", "/v2.0/floatingips", {
    floatingip: { floating_network_id: "{public_id}", telepathy: 1 },
  }),
  post(
    "floating IP: create on a port",
    "/v2.0/floatingips",
    { floatingip: { floating_network_id: "{public_id}", port_id: "{port3_id}" } },
    { save: { fip2_id: "floatingip.id" } },
  ),
  post("floating IP: over quota", "/v2.0/floatingips", { floatingip: { floating_network_id: "{public_id}" } }),
  put("floating IP: attach", "/v2.0/floatingips/{fip_id}", { floatingip: { port_id: "{port_id}" } }),
  put("floating IP: attach to an unknown port", "/v2.0/floatingips/{fip_id}", { floatingip: { port_id: nobody } }),
  put("floating IP: attach where nothing routes", "/v2.0/floatingips/{fip_id}", {
    floatingip: { port_id: "{port2_id}" },
  }),
  put("floating IP: attach where another is", "/v2.0/floatingips/{fip_id}", { floatingip: { port_id: "{port3_id}" } }),
  put("floating IP: tags", "/v2.0/floatingips/{fip_id}/tags", { tags: ["conf-a"] }),
  put(
    "floating IP: describe",
    "/v2.0/floatingips/{fip_id}",
    { floatingip: { description: "changed" } },
    {
      timing: ["status"],
    },
  ),
  get("floating IP: read", "/v2.0/floatingips/{fip_id}", { timing: ["status"] }),
  get("floating IP: by address", "/v2.0/floatingips?floating_ip_address={fip_address}", { timing: ["status"] }),
  get("floating IP: all", "/v2.0/floatingips", { timing: ["status"] }),
  put("floating IP: detach", "/v2.0/floatingips/{fip_id}", { floatingip: { port_id: null } }, { timing: ["status"] }),
  get("floating IP: read when detached", "/v2.0/floatingips/{fip_id}", {
    until: { path: "floatingip.status", is: "DOWN" },
  }),
  get("floating IP: unknown id", `/v2.0/floatingips/${nobody}`),
  put("floating IP: update an unknown one", `/v2.0/floatingips/${nobody}`, { floatingip: { description: "x" } }),
  del("floating IP: delete an unknown one", `/v2.0/floatingips/${nobody}`),
  del("floating IP: delete", "/v2.0/floatingips/{fip2_id}"),
];
