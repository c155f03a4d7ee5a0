/** Keystone, the identity service: https://docs.openstack.org/api-ref/identity/v3/ */
import { type Call, param, userOf } from "../core/call.ts";
import type { Answer } from "../core/errors.ts";
import type { Fields } from "../core/json.ts";
import { type Route, routesOf } from "../core/router.ts";
import { createCredential, deleteCredential, listCredentials, showCredential } from "./credentials.ts";
import { createToken, domain, forbidden, revokeToken, showToken } from "./tokens.ts";

const on = routesOf("identity");
const credentials = "/v3/users/{user}/application_credentials";

export const keystone: readonly Route[] = [
  on("GET /", "versions", listVersions, { open: true }),
  on("GET /v3", "version", showVersion, { open: true }),
  on("GET /v3/", "version", showVersion, { open: true }),
  on("POST /v3/auth/tokens", "tokens.create", createToken, { open: true, query: ["nocatalog"] }),
  on("GET /v3/auth/tokens", "tokens.show", showToken, { unscoped: true }),
  on("DELETE /v3/auth/tokens", "tokens.delete", revokeToken, { unscoped: true }),
  on("GET /v3/auth/projects", "projects.list", listProjects, { unscoped: true }),
  on("GET /v3/projects", "projects.list-all", refuseAllProjects, { query: ["name"] }),
  on("GET /v3/projects/{id}", "projects.show", showProject),
  on(`POST ${credentials}`, "credentials.create", createCredential),
  on(`GET ${credentials}`, "credentials.list", listCredentials),
  on(`GET ${credentials}/{id}`, "credentials.show", showCredential),
  on(`DELETE ${credentials}/{id}`, "credentials.delete", deleteCredential),
];

const versionView = (call: Call): Fields => ({
  id: "v3.14",
  status: "stable",
  updated: "2020-04-07T00:00:00Z",
  links: [{ rel: "self", href: `${call.root("identity")}/v3/` }],
  "media-types": [{ base: "application/json", type: "application/vnd.openstack.identity-v3+json" }],
});

function listVersions(call: Call): Answer {
  const location = `${call.root("identity")}/v3/`;
  return { status: 300, body: { versions: { values: [versionView(call)] } }, headers: { location } };
}

function showVersion(call: Call): Answer {
  return { status: 200, body: { version: versionView(call) } };
}

function listProjects(call: Call): Answer {
  const root = `${call.root("identity")}/v3`;
  const own = (call.core.state.users.get(userOf(call))?.projectIds ?? []).map((id) => projectView(call, id));
  const links = { next: null, self: `${root}/auth/projects`, previous: null };
  return { status: 200, body: { projects: own, links } };
}

/** Only administrators may; a member enters projects without ever seeing the list of all. */
function refuseAllProjects(): Answer {
  throw forbidden("identity:list_projects");
}

function showProject(call: Call): Answer {
  const id = param(call, "id");
  if (id !== call.token?.projectId) throw forbidden("identity:get_project");
  return { status: 200, body: { project: projectView(call, id) } };
}

const projectView = (call: Call, id: string): Fields => ({
  id,
  name: call.core.state.projects.get(id)?.name ?? "",
  domain_id: domain.id,
  description: "",
  enabled: true,
  parent_id: domain.id,
  is_domain: false,
  tags: [],
  options: {},
  links: { self: `${call.root("identity")}/v3/projects/${id}` },
});
