/** OpenStack's HTTP APIs, asked past hailstack's own client: what it says it did is looked at independently. */
import { z } from "zod";
import type { Login } from "./lab.ts";

export type Service = "identity" | "image" | "compute" | "network" | "volumev3";
type Method = "GET" | "POST" | "PUT" | "DELETE";
type Send = { method?: Method; body?: unknown; /** Sent as it is. */ bytes?: NonNullable<Response["body"]> };

export type Rest = {
  token: string;
  projectId: string;
  userId: string;
  /** @throws Error on any answer but 2xx, or 404 to a DELETE */
  send(service: Service, path: string, more?: Send): Promise<Response>;
  /** As send, with the answer held to `shape`. */
  ask<T>(shape: z.ZodType<T>, service: Service, path: string, more?: Send): Promise<T>;
};

/** Nova's, for soft anti-affinity and server groups with one policy. */
const computeVersion = { "openstack-api-version": "compute 2.67" };

const Token = z.object({
  token: z.object({
    user: z.object({ id: z.string() }),
    project: z.object({ id: z.string() }),
    catalog: z.array(
      z.object({ type: z.string(), endpoints: z.array(z.object({ interface: z.string(), url: z.url() })) }),
    ),
  }),
});

/** Logs in again when the token has ended: a run may last longer than one does. */
export async function logIn(login: Login): Promise<Rest> {
  let session = await newSession(login);

  async function send(service: Service, path: string, more: Send = {}): Promise<Response> {
    let response = await call(session, service, path, more);
    if (response.status === 401) {
      session = await newSession(login);
      response = await call(session, service, path, more);
    }
    const { method = "GET" } = more;
    if (response.ok || (response.status === 404 && method === "DELETE")) return response;
    throw new Error(`${method} ${service} ${path}: ${response.status} ${(await response.text()).slice(0, 300)}`);
  }

  return {
    token: session.token,
    projectId: session.projectId,
    userId: session.userId,
    send,
    ask: async (shape, service, path, more) => shape.parse(await (await send(service, path, more)).json()),
  };
}

type Session = { token: string; projectId: string; userId: string; roots: ReadonlyMap<string, string> };

async function newSession({ url, user, password, project }: Login): Promise<Session> {
  const domain = { id: "default" };
  const identity = { methods: ["password"], password: { user: { name: user, domain, password } } };
  const answer = await fetch(`${url}/auth/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ auth: { identity, scope: { project: { name: project, domain } } } }),
  });
  if (!answer.ok) throw new Error(`login as ${user} in ${project}: ${answer.status}`);
  const told = Token.parse(await answer.json()).token;
  const roots = told.catalog.flatMap(({ type, endpoints }) =>
    endpoints
      .filter((endpoint) => endpoint.interface === "public")
      .map((endpoint) => [type, endpoint.url.replace(/\/+$/, "")] as const),
  );
  return {
    token: answer.headers.get("x-subject-token") ?? "",
    projectId: told.project.id,
    userId: told.user.id,
    roots: new Map(roots),
  };
}

function call(
  { token, roots }: Session,
  service: Service,
  path: string,
  { method, body, bytes }: Send,
): Promise<Response> {
  const root = roots.get(service);
  if (!root) throw new Error(`the catalogue has no ${service}`);
  const type = bytes === undefined ? "application/json" : "application/octet-stream";
  const content = bytes ?? (body === undefined ? undefined : JSON.stringify(body));
  return fetch(root + path, {
    method: method ?? "GET",
    headers: { "x-auth-token": token, "content-type": type, ...(service === "compute" ? computeVersion : {}) },
    // A stream has no length to tell beforehand.
    ...(content === undefined ? {} : { body: content, duplex: "half" }),
  });
}
