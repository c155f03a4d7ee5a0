/** Reading, changing and deleting servers. */
import { type Call, param, projectOf } from "../core/call.ts";
import { type Answer, novaError } from "../core/errors.ts";
import { type Fields, isFields, textOf, textsOf } from "../core/json.ts";
import { portAddress, portStatus } from "../neutron/ports.ts";
import { type Server, ofProject } from "../state.ts";
import { checkedBody, nameSchema } from "./body.ts";
import { pageOf } from "./paging.ts";
import { deleteServer } from "./server-life.ts";
import { baseView, briefView, detailView, serverStatus } from "./server-view.ts";

/** The server of the path. @throws Refusal (404) */
export function foundServer(call: Call): Server {
  const server = call.core.state.servers.get(param(call, "id"));
  if (server?.projectId !== projectOf(call)) {
    throw novaError(404, `Instance ${param(call, "id")} could not be found.`);
  }
  return server;
}

export const showServer = (call: Call): Answer => ({
  status: 200,
  body: { server: detailView(call, foundServer(call)) },
});
export const listServers = (call: Call): Answer => listAnswer(call, briefView);
export const listServersInDetail = (call: Call): Answer => listAnswer(call, detailView);

const controls = ["limit", "marker", "sort_key", "sort_dir"];
const filters: Readonly<Record<string, (server: Server, value: string) => boolean>> = {
  name: ({ name }, value) => new RegExp(value).test(name),
  status: (server, value) => serverStatus(server) === value.toUpperCase(),
  tags: ({ tags }, value) => value.split(",").every((tag) => tags.includes(tag)),
  "tags-any": ({ tags }, value) => value.split(",").some((tag) => tags.includes(tag)),
  flavor: ({ flavour }, value) => flavour.id === value,
  image: ({ imageId }, value) => imageId === value,
  all_tenants: () => true,
  deleted: () => true,
};
export const serverListQuery = [...controls, ...Object.keys(filters)];

function listAnswer(call: Call, view: (call: Call, server: Server) => Fields): Answer {
  const { query } = call;
  const unknown = [...query.keys()].find((key) => !serverListQuery.includes(key));
  if (unknown !== undefined && call.version >= 75) {
    throw novaError(400, `'${unknown}' does not match any of the regexes: '^_'`);
  }
  const wanted = ofProject(call.core.state.servers, call.token?.projectId ?? "").filter((server) =>
    [...query].every(([key, value]) => filters[key]?.(server, value) ?? true),
  );
  const { page, links } = pageOf(call, inOrder(wanted, query), ({ id }) => id, "servers");
  return { status: 200, body: { servers: page.map((server) => view(call, server)), ...links } };
}

/** The newest first, unless asked otherwise. */
function inOrder(servers: Server[], query: URLSearchParams): Server[] {
  const sign = query.get("sort_dir") === "asc" ? 1 : -1;
  const by = query.get("sort_key") ?? "created_at";
  const keyOf = (server: Server) =>
    by === "display_name" ? server.name : String(server.createdAt.getTime()).padStart(16, "0") + server.id;
  return servers.sort((a, b) => sign * (keyOf(a) < keyOf(b) ? -1 : 1));
}

export function updateServer(call: Call): Answer {
  const server = foundServer(call);
  const fields = checkedBody(
    call,
    "server",
    {
      type: "object",
      properties: { name: nameSchema, accessIPv4: { type: "string" }, accessIPv6: { type: "string" } },
      additionalProperties: false,
    },
    { everKnown: ["description", "hostname", "OS-DCF:diskConfig"] },
  );
  server.name = textOf(fields.name) ?? server.name;
  server.updatedAt = call.core.clock.now();
  const view = call.version >= 75 ? detailView(call, server) : baseView(call, server, false);
  return { status: 200, body: { server: view } };
}

export function removeServerByRequest(call: Call): Answer {
  deleteServer(call.core, foundServer(call));
  return { status: 204 };
}

export function listInterfaces(call: Call): Answer {
  const { core } = call;
  const interfaces = foundServer(call).portIds.flatMap((id) => {
    const port = core.state.ports.get(id);
    if (port === undefined) return [];
    const subnetId = core.state.networks.get(port.networkId)?.subnet.id ?? "";
    return {
      port_id: id,
      net_id: port.networkId,
      mac_addr: port.mac,
      port_state: portStatus(port),
      fixed_ips: [{ subnet_id: subnetId, ip_address: portAddress(core, port) }],
    };
  });
  return { status: 200, body: { interfaceAttachments: interfaces } };
}

export function listTags(call: Call): Answer {
  needTags(call);
  return { status: 200, body: { tags: foundServer(call).tags } };
}

export function replaceServerTags(call: Call): Answer {
  needTags(call);
  const server = foundServer(call);
  server.tags = textsOf(isFields(call.body) ? call.body.tags : undefined).sort();
  return { status: 200, body: { tags: server.tags } };
}

function needTags({ version }: Call): void {
  if (version < 26) throw novaError(404, "The resource could not be found.");
}
