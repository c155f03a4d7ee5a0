/** Security groups. */
import { type Call, param, projectOf } from "../core/call.ts";
import { type Answer, neutronError } from "../core/errors.ts";
import { type Fields, textOf } from "../core/json.ts";
import type { Core } from "../core.ts";
import { type Rule, type SecurityGroup, ofProject } from "../state.ts";
import { isGroupInUse } from "./ports.ts";
import { type Collection, attributesOf, checkQuota, listAnswer, standard, standardView, touch } from "./resource.ts";
import { ruleView } from "./rules.ts";

const attributes = {
  name: "security_group",
  settable: ["name", "description", "stateful"],
  fixed: ["tenant_id", "project_id"],
};

export function createGroup(call: Call): Answer {
  const fields = attributesOf(call, attributes);
  const projectId = projectOf(call);
  const name = textOf(fields.name) ?? "";
  if (name === "default") {
    throw neutronError(409, "SecurityGroupDefaultAlreadyExists", "Default security group already exists.");
  }
  checkQuota(call.core, projectId, "security_group");
  const group = addGroup(call.core, projectId, name);
  change(group, fields);
  group.revision += 1;
  return { status: 201, body: { security_group: groupView(group, call) } };
}

/** A group with the rules every one is born with: all egress. */
export function addGroup(core: Core, projectId: string, name: string): SecurityGroup {
  const common = standard(core, "security group", name, projectId);
  const group: SecurityGroup = { ...common, name, stateful: true };
  core.state.securityGroups.set(group.id, group);
  for (const ethertype of ["IPv4", "IPv6"]) addRule(core, group, { direction: "egress", ethertype });
  return group;
}

/** The group a project has from its first day: it admits only itself. */
export function defaultGroup(core: Core, projectId: string): SecurityGroup {
  const known = ofProject(core.state.securityGroups, projectId).find(({ name }) => name === "default");
  if (known !== undefined) return known;
  const group = addGroup(core, projectId, "default");
  group.description = "Default security group";
  for (const ethertype of ["IPv4", "IPv6"]) {
    addRule(core, group, { direction: "ingress", ethertype, remoteGroupId: group.id });
  }
  return group;
}

/** `description` is null for the rules Neutron makes itself. */
export function addRule(
  core: Core,
  group: SecurityGroup,
  given: Pick<Rule, "direction" | "ethertype"> & Partial<Rule>,
): Rule {
  const { direction, ethertype } = given;
  const parts = [group.name, direction, ethertype, given.protocol, given.portMin, given.portMax, given.prefix];
  const rule: Rule = {
    ...standard(core, "security group rule", parts.join(" "), group.projectId),
    groupId: group.id,
    protocol: null,
    portMin: null,
    portMax: null,
    prefix: null,
    remoteGroupId: null,
    ...given,
    description: given.description ?? null,
  };
  core.state.rules.set(rule.id, rule);
  return rule;
}

const collection: Collection<SecurityGroup> = {
  plural: "security_groups",
  visible(call) {
    defaultGroup(call.core, projectOf(call));
    return ofProject(call.core.state.securityGroups, projectOf(call));
  },
  view: groupView,
};

export const listGroups = (call: Call): Answer => listAnswer(call, collection);
export const showGroup = (call: Call): Answer => ({
  status: 200,
  body: { security_group: groupView(foundGroup(call, param(call, "id")), call) },
});

export function updateGroup(call: Call): Answer {
  const group = foundGroup(call, param(call, "id"));
  change(group, attributesOf(call, attributes));
  touch(call.core, group);
  return { status: 200, body: { security_group: groupView(group, call) } };
}

function change(group: SecurityGroup, fields: Fields): void {
  group.name = textOf(fields.name) ?? group.name;
  group.description = textOf(fields.description) ?? group.description;
  if (typeof fields.stateful === "boolean") group.stateful = fields.stateful;
}

export function deleteGroup(call: Call): Answer {
  const { core } = call;
  const group = foundGroup(call, param(call, "id"));
  if (group.name === "default") {
    const message = "Insufficient rights for removing default security group.";
    throw neutronError(409, "SecurityGroupCannotRemoveDefault", message);
  }
  if (isGroupInUse(core, group.id, group.projectId)) {
    throw neutronError(409, "SecurityGroupInUse", `Security Group ${group.id} in use.`);
  }
  for (const rule of core.state.rules.values()) {
    if (rule.groupId === group.id || rule.remoteGroupId === group.id) core.state.rules.delete(rule.id);
  }
  core.state.securityGroups.delete(group.id);
  return { status: 204 };
}

/** @throws Refusal (404) */
export function foundGroup(call: Call, id: string): SecurityGroup {
  const group = call.core.state.securityGroups.get(id);
  if (group?.projectId !== projectOf(call)) {
    throw neutronError(404, "SecurityGroupNotFound", `Security group ${id} does not exist`);
  }
  return group;
}

function groupView(group: SecurityGroup, { core }: Call): Fields {
  const rules = [...core.state.rules.values()].filter(({ groupId }) => groupId === group.id);
  return {
    id: group.id,
    name: group.name,
    stateful: group.stateful,
    shared: false,
    security_group_rules: rules.map((rule) => ({ ...ruleView(rule), standard_attr_id: rule.number, tags: rule.tags })),
    tags: group.tags,
    ...standardView(group),
  };
}
