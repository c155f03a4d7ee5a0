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
