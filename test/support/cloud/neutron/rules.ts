/** Security group rules, with Neutron's many reasons to refuse one. */
import { type Call, param, projectOf } from "../core/call.ts";
import { type Answer, neutronError } from "../core/errors.ts";
import { type Fields, numberOf, textOf } from "../core/json.ts";
import { type Rule, ofProject } from "../state.ts";
import { type Collection, attributesOf, badRequest, checkQuota, listAnswer, standardView } from "./resource.ts";
import { addRule, foundGroup } from "./security-groups.ts";

const attributes = {
  name: "security_group_rule",
  settable: ["description"],
  fixed: [
    "security_group_id",
    "direction",
    "ethertype",
    "protocol",
    "port_range_min",
    "port_range_max",
    "remote_ip_prefix",
    "remote_group_id",
    "remote_address_group_id",
    "tenant_id",
    "project_id",
  ],
  required: ["security_group_id", "direction"],
};

type Wanted = Pick<
  Rule,
  "direction" | "ethertype" | "protocol" | "portMin" | "portMax" | "prefix" | "remoteGroupId"
> & { description: string };

export function createRule(call: Call): Answer {
  const fields = attributesOf(call, attributes);
  const wanted: Wanted = {
    direction: textOf(fields.direction) ?? "",
    ethertype: textOf(fields.ethertype) ?? "IPv4",
    protocol: fields.protocol === undefined || fields.protocol === null ? null : String(fields.protocol).toLowerCase(),
    portMin: numberOf(fields.port_range_min) ?? null,
    portMax: numberOf(fields.port_range_max) ?? null,
    prefix: textOf(fields.remote_ip_prefix) ?? null,
    remoteGroupId: textOf(fields.remote_group_id) ?? null,
    description: textOf(fields.description) ?? "",
  };
  checkValues(wanted);
  checkQuota(call.core, projectOf(call), "security_group_rule");
  checkCombination(wanted);
  const group = foundGroup(call, textOf(fields.security_group_id) ?? "");
  if (wanted.remoteGroupId !== null) foundGroup(call, wanted.remoteGroupId);
  const twin = [...call.core.state.rules.values()].find((rule) => rule.groupId === group.id && isSame(rule, wanted));
  if (twin !== undefined) {
    const message = `Security group rule already exists. Rule id is ${twin.id}.`;
    throw neutronError(409, "SecurityGroupRuleExists", message);
  }
  return { status: 201, body: { security_group_rule: ruleView(addRule(call.core, group, wanted)) } };
}

const protocols =
  "ah dccp egp esp gre hopopt icmp igmp ip ipip ipv6-encap ipv6-frag ipv6-icmp icmpv6 ipv6-nonxt ipv6-opts ipv6-route ospf pgm rsvp sctp tcp udp udplite vrrp".split(
    " ",
  );
const withPorts = new Set(["tcp", "udp", "sctp", "dccp", "udplite"]);

function checkValues({ direction, ethertype, protocol, portMin, portMax, prefix }: Wanted): void {
  if (direction !== "ingress" && direction !== "egress") {
    throw badRequest(`Invalid input for direction. Reason: ${direction} is not in valid_values.`);
  }
  if (ethertype !== "IPv4" && ethertype !== "IPv6") {
    const message = `Security group rule for ethertype '${ethertype}' not supported. Allowed values are ['IPv4', 'IPv6'].`;
    throw neutronError(400, "SecurityGroupRuleInvalidEtherType", message);
  }
  const number = protocol !== null && /^\d+$/.test(protocol) && Number(protocol) <= 255;
  if (protocol !== null && !number && !protocols.includes(protocol) && protocol !== "any") {
    const names = protocols.map((name) => `'${name}'`).join(", ");
    const message = `Security group rule protocol ${protocol} not supported. Only protocol values [None, ${names}] and integer representations [0 to 255] are supported.`;
    throw neutronError(400, "SecurityGroupRuleInvalidProtocol", message);
  }
  for (const port of [portMin, portMax]) {
    if (port !== null && (port < -1 || port > 65_535)) {
      throw neutronError(400, "SecurityGroupInvalidPortValue", `Invalid value for port ${port}`);
    }
  }
  if (prefix !== null && !isCidr(prefix)) {
    throw neutronError(400, "InvalidCIDR", `Invalid CIDR ${prefix} given as IP prefix.`);
  }
}

function isCidr(text: string): boolean {
  const [address = "", length = ""] = text.split("/");
  if (address.includes(":")) return /^[0-9a-f:]+$/i.test(address) && Number(length) <= 128;
  return /^(\d{1,3}\.){3}\d{1,3}$/.test(address) && Number(length) <= 32;
}

function checkCombination({ ethertype, protocol, portMin, portMax, prefix, remoteGroupId }: Wanted): void {
  const hasPorts = portMin !== null || portMax !== null;
  if (hasPorts && protocol === null) {
    const message = "Must also specify protocol if port range is given.";
    throw neutronError(400, "SecurityGroupProtocolRequiredWithPorts", message);
  }
  const wrongWay = portMin === null || portMax === null || portMin > portMax;
  if (hasPorts && withPorts.has(protocol ?? "") && wrongWay) {
    const message = "For TCP/UDP protocols, port_range_min must be <= port_range_max";
    throw neutronError(400, "SecurityGroupInvalidPortRange", message);
  }
  if (prefix !== null && remoteGroupId !== null) {
    const message = "Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.";
    throw neutronError(400, "SecurityGroupMultipleRemoteEntites", message);
  }
  if (prefix !== null && prefix.includes(":") !== (ethertype === "IPv6")) {
    const message = `Conflicting value ethertype ${ethertype} for CIDR ${prefix}`;
    throw neutronError(400, "SecurityGroupRuleParameterConflict", message);
  }
}

/** Descriptions do not make two rules different. */
const isSame = (a: Rule, b: Wanted): boolean =>
  a.direction === b.direction &&
  a.ethertype === b.ethertype &&
  a.protocol === b.protocol &&
  a.portMin === b.portMin &&
  a.portMax === b.portMax &&
  a.prefix === b.prefix &&
  a.remoteGroupId === b.remoteGroupId;

const collection: Collection<Rule> = {
  plural: "security_group_rules",
  visible: (call) => ofProject(call.core.state.rules, projectOf(call)),
  view: ruleView,
};

export const listRules = (call: Call): Answer => listAnswer(call, collection);
export const showRule = (call: Call): Answer => ({
  status: 200,
  body: { security_group_rule: ruleView(foundRule(call)) },
});

/** Neutron offers the method and falls over it. */
export function updateRule(call: Call): Answer {
  attributesOf(call, attributes);
  const message = "Request Failed: internal server error while processing your request.";
  throw neutronError(500, "HTTPInternalServerError", message);
}

export function deleteRule(call: Call): Answer {
  call.core.state.rules.delete(foundRule(call).id);
  return { status: 204 };
}

function foundRule(call: Call): Rule {
  const rule = call.core.state.rules.get(param(call, "id"));
  if (rule?.projectId !== projectOf(call)) {
    const message = `Security group rule ${param(call, "id")} does not exist`;
    throw neutronError(404, "SecurityGroupRuleNotFound", message);
  }
  return rule;
}

export function ruleView(rule: Rule): Fields {
  return {
    id: rule.id,
    security_group_id: rule.groupId,
    ethertype: rule.ethertype,
    direction: rule.direction,
    protocol: rule.protocol,
    port_range_min: rule.portMin,
    port_range_max: rule.portMax,
    remote_ip_prefix: rule.prefix,
    remote_address_group_id: null,
    normalized_cidr: rule.prefix,
    remote_group_id: rule.remoteGroupId,
    ...standardView(rule),
  };
}
