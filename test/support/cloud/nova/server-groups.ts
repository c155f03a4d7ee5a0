/** Server groups: which servers shall be near or far from each other. */
import { type Call, param, projectOf, userOf } from "../core/call.ts";
import { type Answer, novaError } from "../core/errors.ts";
import { type Fields, fieldsOf, textOf, textsOf } from "../core/json.ts";
import type { Schema } from "../core/schema.ts";
import { type ServerGroup, ofProject } from "../state.ts";
import { checkedBody, nameSchema } from "./body.ts";
import { pageOf } from "./paging.ts";

const hard = ["anti-affinity", "affinity"];
const soft = ["soft-anti-affinity", "soft-affinity"];

function schemaOf(version: number): Schema {
  const policy: Schema = { type: "string", enum: version >= 15 ? [...hard, ...soft] : hard };
  const policies: Schema = { type: "array", items: [policy], minItems: 1, maxItems: 1 };
  const rules: Schema = {
    type: "object",
    properties: { max_server_per_host: { type: ["integer", "string"], minimum: 1 } },
    additionalProperties: false,
  };
  const modern = version >= 64;
  return {
    type: "object",
    properties: { name: nameSchema, ...(modern ? { policy, rules } : { policies }) },
    required: ["name", modern ? "policy" : "policies"],
    additionalProperties: false,
  };
}

export function createServerGroup(call: Call): Answer {
  const { core, version } = call;
  const everKnown = ["policy", "policies", "rules"];
  const fields = checkedBody(call, "server_group", schemaOf(version), { everKnown });
  const policy = textOf(fields.policy) ?? textsOf(fields.policies)[0] ?? "";
  const perHost = fieldsOf(fields.rules).max_server_per_host;
  if (perHost !== undefined && policy !== "anti-affinity") {
    throw novaError(400, "Only anti-affinity policy supports rules.");
  }
  const projectId = projectOf(call);
  if (core.quotas.exceeded(projectId, "server_groups", 1)) {
    throw novaError(403, "Quota exceeded, too many server groups.");
  }
  const name = textOf(fields.name) ?? "";
  const group: ServerGroup = {
    id: core.seed.uuid("server group", name),
    name,
    policy,
    rules: perHost === undefined ? {} : { max_server_per_host: Number(perHost) },
    projectId,
    userId: userOf(call),
  };
  core.state.serverGroups.set(group.id, group);
  return { status: 200, body: { server_group: view(call, group) } };
}

export function listServerGroups(call: Call): Answer {
  const own = ofProject(call.core.state.serverGroups, projectOf(call));
  const offset = Number(call.query.get("offset") ?? 0);
  const { page } = pageOf(call, own.slice(offset), ({ id }) => id, "server_groups");
  return { status: 200, body: { server_groups: page.map((group) => view(call, group)) } };
}

export const showServerGroup = (call: Call): Answer => ({
  status: 200,
  body: { server_group: view(call, foundServerGroup(call, param(call, "id"))) },
});

export function deleteServerGroup(call: Call): Answer {
  call.core.state.serverGroups.delete(foundServerGroup(call, param(call, "id")).id);
  return { status: 204 };
}

/** @throws Refusal with `status` when there is none */
export function foundServerGroup(call: Call, id: string, status = 404): ServerGroup {
  const group = call.core.state.serverGroups.get(id);
  if (group?.projectId !== projectOf(call)) throw novaError(status, `Instance group ${id} could not be found.`);
  return group;
}

function view({ core, version }: Call, group: ServerGroup): Fields {
  const members = [...core.state.servers.values()].filter(({ groupId }) => groupId === group.id).map(({ id }) => id);
  const common: Fields = { id: group.id, name: group.name, members };
  if (version >= 13) Object.assign(common, { project_id: group.projectId, user_id: group.userId });
  if (version >= 64) return { ...common, policy: group.policy, rules: group.rules };
  return { ...common, policies: [group.policy], metadata: {} };
}
