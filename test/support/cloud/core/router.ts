/** Which handler answers a method and a path. */
import type { Answer, ServiceName } from "./errors.ts";
import type { Call } from "./call.ts";

export type Handler = (call: Call) => Answer;

export type Route = {
  /** `compute.servers.create`: the stable name for fault plans and the journal. */
  operation: string;
  service: ServiceName;
  method: string;
  /** `/v2.1/servers/{id}`, below the service's root. */
  path: string;
  handler: Handler;
  /** Query parameters that are understood; `*` when the handler checks them itself. */
  query: readonly string[] | "*";
  /** Answers without a token. */
  open: boolean;
  /** Answers a token that has no project. */
  unscoped: boolean;
};

type More = { query?: readonly string[] | "*"; open?: true; unscoped?: true };

/** A maker of one service's routes: `on("GET /v2.1/servers", "servers.list", handler)`. */
export const routesOf =
  (service: ServiceName) =>
  (methodAndPath: string, name: string, handler: Handler, more: More = {}): Route => {
    const [method = "", path = ""] = methodAndPath.split(" ");
    return {
      operation: `${service}.${name}`,
      service,
      method,
      path,
      handler,
      query: more.query ?? [],
      open: more.open ?? false,
      unscoped: more.unscoped ?? false,
    };
  };

export type Found = { route: Route; params: Record<string, string> } | { allowed: string[] };

type Node = { children: Map<string, Node>; wild?: { name: string; node: Node }; methods: Map<string, Route> };
const newNode = (): Node => ({ children: new Map(), methods: new Map() });

/** A tree of path segments; `{name}` matches any one segment that no fixed one does. */
export class Router {
  readonly #roots = new Map<string, Node>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      let node = this.#root(route.service);
      for (const segment of route.path.split("/").slice(1)) node = child(node, segment);
      node.methods.set(route.method, route);
    }
  }

  find(service: ServiceName, method: string, path: string): Found {
    const params: Record<string, string> = {};
    let node: Node | undefined = this.#root(service);
    for (const segment of path.split("/").slice(1)) {
      const fixed: Node | undefined = node?.children.get(segment);
      if (fixed === undefined && node?.wild !== undefined && segment !== "") {
        params[node.wild.name] = decodeURIComponent(segment);
        node = node.wild.node;
      } else node = fixed;
    }
    const route = node?.methods.get(method);
    return route === undefined ? { allowed: [...(node?.methods.keys() ?? [])] } : { route, params };
  }

  #root(service: ServiceName): Node {
    const known = this.#roots.get(service) ?? newNode();
    this.#roots.set(service, known);
    return known;
  }
}

function child(node: Node, segment: string): Node {
  const name = /^\{(\w+)\}$/.exec(segment)?.[1];
  if (name !== undefined) {
    node.wild ??= { name, node: newNode() };
    return node.wild.node;
  }
  const known = node.children.get(segment) ?? newNode();
  node.children.set(segment, known);
  return known;
}
