/** The little that a test of the cloud needs to talk to it. */
import type { ServiceName } from "./core/errors.ts";
import { valueAt } from "../../conformance/client.ts";
import type { SimulatedCloud } from "./cloud.ts";

export type Reply = { status: number; headers: Headers; body: unknown; at: (path: string) => unknown };

const request = async (
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Reply> => {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed: unknown = text.startsWith("{") ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body: parsed, at: (path) => valueAt(parsed, path) };
};

/** Logs in as the cloud's first user; `send` calls a service by method and path. */
export async function logIn(cloud: SimulatedCloud) {
  const { origin } = new URL(cloud.url);
  const domain = { id: "default" };
  const user = { name: cloud.env.OS_USERNAME, password: cloud.env.OS_PASSWORD, domain };
  const identity = { methods: ["password"], password: { user } };
  const scope = { project: { name: cloud.env.OS_PROJECT_NAME, domain } };
  const login = await request(`${cloud.url}/auth/tokens`, "POST", {}, { auth: { identity, scope } });
  const token = login.headers.get("x-subject-token") ?? "";
  const send = (service: ServiceName, method: string, path: string, body?: unknown, version = "2.52"): Promise<Reply> =>
    request(
      `${origin}/${service}${path}`,
      method,
      { "x-auth-token": token, "openstack-api-version": `compute ${version}` },
      body,
    );
  return { token, projectId: String(login.at("token.project.id")), send };
}

export type Client = Awaited<ReturnType<typeof logIn>>;

const idOfNamed = (items: Map<string, { id: string; name: string }>, name: string): string =>
  [...items.values()].find((item) => item.name === name)?.id ?? "";

/** The body that asks for a server of the smallest flavour without a network. */
export function serverBody({ state }: SimulatedCloud, name: string, more: object = {}) {
  const imageRef = [...state.images.keys()][0];
  const flavorRef = idOfNamed(state.flavours, "m2.tiny");
  return { server: { name, imageRef, flavorRef, networks: "none", ...more } };
}

export const networkId = ({ state }: SimulatedCloud, name: string): string => idOfNamed(state.networks, name);
