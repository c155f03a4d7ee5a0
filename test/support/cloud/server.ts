/** The one loopback server in front of all services: `/compute/v2.1/servers` is Nova's `/v2.1/servers`. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { Socket } from "node:net";
import { type Answer, type ServiceName, plainRefusal } from "./core/errors.ts";
import type { Json } from "./core/json.ts";
import type { Core } from "./core.ts";
import type { FaultKind, Faults } from "./faults.ts";
import { type Entry, type Surprise, withoutSecrets } from "./journal.ts";
import { type Incoming, answerTo, isMalformed, operationOf } from "./service.ts";

const serviceNames: readonly ServiceName[] = ["identity", "compute", "network", "image", "volume"];
const isServiceName = (name: string | undefined): name is ServiceName =>
  serviceNames.some((service) => service === name);

export type Running = { origin: string; journal: Entry[]; surprises: Surprise[]; stop: () => Promise<void> };

/** Starts to listen on 127.0.0.1; `port` is any free one when it is 0. */
export async function listen(core: Core, faults: Faults, port: number): Promise<Running> {
  const journal: Entry[] = [];
  const surprises: Surprise[] = [];
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      surprises.push({ kind: "bug", request: `${request.method ?? ""} ${request.url ?? ""}`, detail: String(error) });
      response.writeHead(500).end();
    });
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.keepAliveTimeout = 60_000;
  const origin = await boundOrigin(server, port);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const text = await bodyText(request);
    core.clock.settle();
    const [, service, rest = "/"] = /^\/([a-z]+)(\/.*)?$/.exec(request.url ?? "") ?? [];
    const method = request.method ?? "GET";
    const common = { number: journal.length + 1, method, at: core.clock.now() };
    if (!isServiceName(service)) {
      const path = request.url ?? "";
      surprises.push({ kind: "path", request: `${method} ${path}`, detail: "no such service" });
      journal.push({ ...common, operation: "unknown", service: "none", path, query: "", status: 404 });
      response.writeHead(404).end();
      return;
    }
    const incoming: Incoming = {
      service,
      method,
      target: rest,
      path: rest.split("?")[0] ?? "/",
      headers: request.headers,
      body: parsedBody(text),
      root: (name) => `${origin}/${name}`,
      requestId: `req-${core.seed.uuid("request", "")}`,
      surprise: (kind, detail) => surprises.push({ kind, request: `${method} /${service}${rest}`, detail }),
    };
    const entry = { ...common, ...entryOf(incoming, text) };
    journal.push(entry);
    const fault = faults.strike(entry);
    if (fault !== undefined) entry.fault = fault.kind;
    const answer = await underFault(fault, request, () => answerTo(core, incoming), service);
    if (answer === undefined) return;
    entry.status = answer.status;
    entry.ms = performance.now() - started;
    write(core, response, answer);
  }

  return {
    origin,
    journal,
    surprises,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

type Known = Omit<Entry, "number" | "method" | "at" | "service"> & { service: ServiceName };

function entryOf(incoming: Incoming, text: string): Known {
  const { service, path, target, body } = incoming;
  const entry: Known = { operation: operationOf(incoming), service, path, query: target.split("?")[1] ?? "" };
  if (body !== undefined) entry.body = isMalformed(body) ? text : withoutSecrets(body);
  return entry;
}

function boundOrigin(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("the server has no port"));
      else resolve(`http://127.0.0.1:${address.port}`);
    });
  });
}

async function bodyText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

function parsedBody(text: string): Incoming["body"] {
  if (text === "") return undefined;
  try {
    // What JSON.parse gives is Json by definition.
    return JSON.parse(text) as Json;
  } catch {
    return { malformed: true };
  }
}

/** The answer to send, or undefined when none shall be sent. */
async function underFault(
  fault: FaultKind | undefined,
  { socket }: IncomingMessage,
  answer: () => Answer,
  service: ServiceName,
): Promise<Answer | undefined> {
  if (fault === undefined) return answer();
  if (fault.kind === "refuse") return refusal(service, fault.status, fault.retryAfterSeconds);
  if (fault.kind === "html") {
    const text = "<!DOCTYPE html><html><head><title>Log in</title></head><body>Please log in.</body></html>";
    return { status: 200, text, headers: { "content-type": "text/html; charset=utf-8" } };
  }
  if (fault.kind === "delay") {
    await new Promise((resolve) => setTimeout(resolve, fault.ms).unref());
    return answer();
  }
  if (fault.kind === "lose-answer") {
    answer();
    socket.destroy();
  }
  if (fault.kind === "reset") socket.resetAndDestroy();
  return undefined;
}

function refusal(service: ServiceName, status: number, retryAfterSeconds: number | undefined): Answer {
  const answer = plainRefusal(service, status);
  const headers: Record<string, string> = { "content-type": "application/json", ...answer.headers };
  if (retryAfterSeconds !== undefined) headers["retry-after"] = String(retryAfterSeconds);
  return { ...answer, headers };
}

function write(core: Core, response: ServerResponse, { status, body, text, headers }: Answer): void {
  const content = text ?? (body === undefined ? "" : JSON.stringify(body));
  response.writeHead(status, {
    ...headers,
    date: core.clock.now().toUTCString(),
    ...(status === 204 ? {} : { "content-length": Buffer.byteLength(content) }),
  });
  response.end(status === 204 ? undefined : content);
}
