/** From a parsed request to an answer: token, microversion, query, handler, and the headers each service adds. */
import type { Call } from "./core/call.ts";
import { type Answer, Refusal, type ServiceName, novaAnswer, webobAnswer } from "./core/errors.ts";
import type { Json } from "./core/json.ts";
import { type Route, Router } from "./core/router.ts";
import type { Core } from "./core.ts";
import { cinder } from "./cinder/cinder.ts";
import { glance } from "./glance/glance.ts";
import type { Surprise } from "./journal.ts";
import { keystone } from "./keystone/keystone.ts";
import { unauthorized, validToken } from "./keystone/tokens.ts";
import { neutron } from "./neutron/neutron.ts";
import { nova } from "./nova/nova.ts";

const routes: readonly Route[] = [...keystone, ...nova, ...neutron, ...glance, ...cinder];
const router = new Router(routes);

/** The name of every operation there is. */
export const operations: readonly string[] = [...new Set(routes.map(({ operation }) => operation))];

export type Incoming = {
  service: ServiceName;
  method: string;
  /** Path and query, below the service's root. */
  target: string;
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** undefined when there is none, `malformed` when it is not JSON. */
  body: Json | undefined | { malformed: true };
  root: (service: ServiceName) => string;
  requestId: string;
  surprise: (kind: Surprise["kind"], detail: string) => void;
};

/** The route's stable name; `unknown` when there is none. */
export function operationOf({ service, method, path }: Pick<Incoming, "service" | "method" | "path">): string {
  const found = router.find(service, method, path);
  return "route" in found ? found.route.operation : "unknown";
}

export function answerTo(core: Core, incoming: Incoming): Answer {
  const { service, method, path, surprise } = incoming;
  const found = router.find(service, method, path);
  const token = validToken(core, header(incoming, "x-auth-token"));
  const open = "route" in found && found.route.open;
  if (!open && token === undefined) {
    surprise("token", header(incoming, "x-auth-token") === undefined ? "no token" : "a token that is not valid");
    return decorated(incoming, unauthorizedAnswer(incoming), undefined);
  }
  if (!("route" in found)) {
    surprise(found.allowed.length === 0 ? "path" : "method", `nothing answers ${method} ${path}`);
    return decorated(incoming, notThere(service, method, found.allowed), undefined);
  }
  const { route, params } = found;
  const version = service === "compute" && !open ? versionOf(incoming) : { minor: 1, shown: "2.1" };
  if ("refused" in version) return decorated(incoming, version.refused, version.shown);
  const call: Call = {
    core,
    operation: route.operation,
    params,
    query: new URLSearchParams(incoming.target.split("?")[1] ?? ""),
    target: incoming.target,
    headers: incoming.headers,
    body: isMalformed(incoming.body) ? undefined : incoming.body,
    token,
    version: version.minor,
    root: incoming.root,
    surprise: (detail) => surprise("body", detail),
  };
  const answer = handled(call, route, incoming);
  return decorated(incoming, answer, service === "compute" && !open ? version.shown : undefined);
}

function handled(call: Call, route: Route, incoming: Incoming): Answer {
  const unknown = route.query === "*" ? [] : [...call.query.keys()].filter((key) => !route.query.includes(key));
  if (unknown.length > 0) incoming.surprise("query", `unknown parameters: ${unknown.join(", ")}`);
  if (isMalformed(incoming.body)) return malformedAnswer(incoming.service);
  if (!route.open && !route.unscoped && call.token?.projectId === undefined) return unauthorizedAnswer(incoming);
  try {
    return route.handler(call);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

/** Whether the body was no JSON. */
export const isMalformed = (body: Incoming["body"]): body is { malformed: true } =>
  typeof body === "object" && body !== null && "malformed" in body && body.malformed === true;

const header = ({ headers }: Incoming, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
};

function unauthorizedAnswer(incoming: Incoming): Answer {
  const { answer } = unauthorized(incoming);
  if (incoming.service !== "image") return answer;
  const message =
    "This server could not verify that you are authorized to access the document you requested. Either you supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.<br /><br />\n\n\n";
  const headers = answer.headers;
  return {
    status: 401,
    body: { message, code: "401 Unauthorized", title: "Unauthorized" },
    ...(headers && { headers }),
  };
}

/** Only Glance says that a path has other methods. */
function notThere(service: ServiceName, method: string, allowed: readonly string[]): Answer {
  if (service === "identity")
    return { status: 404, text: keystoneNotFound, headers: { "content-type": "text/html; charset=utf-8" } };
  if (service === "network") {
    const message = "The resource could not be found.";
    return { status: 404, body: { NeutronError: { type: "HTTPNotFound", message, detail: "" } } };
  }
  if (service === "image" && allowed.length > 0) {
    const answer = webobAnswer(405, `The method ${method} is not allowed for this resource. <br /><br />\n`);
    return { ...answer, headers: { allow: allowed.join(", ") } };
  }
  return webobAnswer(404, "The resource could not be found.<br /><br />\n\n\n");
}

const keystoneNotFound =
  "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n";

function malformedAnswer(service: ServiceName): Answer {
  return service === "compute" ? novaAnswer(400, "Malformed request body") : webobAnswer(400, "Malformed request body");
}

type Version = { minor: number; shown: string } | { refused: Answer; shown: string | undefined };

function versionOf(incoming: Incoming): Version {
  const modern = header(incoming, "openstack-api-version");
  const asked = modern?.replace(/^compute /, "") ?? header(incoming, "x-openstack-nova-api-version") ?? "2.1";
  if (asked === "latest") return { minor: 93, shown: "2.93" };
  const minor = /^2\.(\d+)$/.exec(asked)?.[1];
  if (minor === undefined) {
    incoming.surprise("version", asked);
    const message = `API Version String ${asked} is of invalid format. Must be of format MajorNum.MinorNum.`;
    return { refused: novaAnswer(400, message), shown: undefined };
  }
  if (Number(minor) > 93 || Number(minor) < 1) {
    incoming.surprise("version", asked);
    const message = `Version ${asked} is not supported by the API. Minimum is 2.1 and maximum is 2.93.`;
    return { refused: novaAnswer(406, message), shown: asked };
  }
  return { minor: Number(minor), shown: asked };
}

function decorated(incoming: Incoming, answer: Answer, version: string | undefined): Answer {
  const { service, requestId, path } = incoming;
  const headers: Record<string, string> = { ...answer.headers };
  if (answer.body !== undefined) headers["content-type"] ??= "application/json";
  const discovery = path === "/" && service !== "identity" && service !== "volume";
  if (!discovery && !(service === "image" && answer.status === 401)) headers["x-openstack-request-id"] = requestId;
  if (service === "identity") headers.vary = "X-Auth-Token";
  if (service === "compute" && !discovery) {
    headers["x-compute-request-id"] = requestId;
    // Nova labels even empty answers.
    headers["content-type"] ??= "application/json";
    if (version !== undefined) {
      headers["openstack-api-version"] = `compute ${version}`;
      headers["x-openstack-nova-api-version"] = version;
      headers.vary = "OpenStack-API-Version, X-OpenStack-Nova-API-Version";
    }
  }
  const routed = "route" in router.find(service, incoming.method, path);
  if (service === "volume" && answer.status !== 401 && routed) {
    if (answer.body !== undefined) headers["x-compute-request-id"] = requestId;
    headers["openstack-api-version"] = "volume 3.0";
    headers.vary = "OpenStack-API-Version";
  }
  return { ...answer, headers };
}
