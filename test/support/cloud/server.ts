/** The one loopback server in front of all services: `/compute/v2.1/servers` is Nova's `/v2.1/servers`. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { Socket } from "node:net";
import { type Answer, type ServiceName, plainRefusal } from "./core/errors.ts";
import type { Json } from "./core/json.ts";
import type { Core } from "./core.ts";
import type { FaultKind, Faults } from "./faults.ts";
import { type Entry, type Surprise, withoutSecrets } from "./journal.ts";
import { type Incoming, answerTo, operationOf } from "./service.ts";

const serviceNames: readonly ServiceName[] = ["identity", "compute", "network", "image", "volume"];
const isServiceName = (name: string | undefined): name is ServiceName =>
  serviceNames.some((service) => service === name);

export type Running = { origin: string; journal: Entry[]; surprises: Surprise[]; stop: () => Promise<void> };

/** Starts to listen on 127.0.0.1; `port` is any free one when it is 0. */
export async function listen(core: Core, faults: Faults, port: number): Promise<Running> {
  const journal: Entry[] = [];
  const surprises: Surprise[] = [];
  const server = createServer((request, response) => {
    void serve(request, response);
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
    const [, service, rest = ""] = /^\/([a-z]+)(\/.*)?$/.exec(request.url ?? "") ?? [];
    const number = journal.length + 1;
    const method = request.method ?? "GET";
    if (!isServiceName(service)) {
      surprises.push({ kind: "path", request: `${method} ${request.url ?? ""}`, detail: "no such service" });
      journal.push({
        number,
        operation: "unknown",
        service: "none",
        method,
        path: request.url ?? "",
        query: "",
        status: 404,
        at: core.clock.now(),
      });
      response.writeHead(404).end();
      return;
    }
    const target = rest === "" ? "/" : rest;
    const [path = "/", query = ""] = target.split("?");
    const body = parsedBody(text);
    const operation = operationOf({ service, method, path });
    const entry: Entry = { number, operation, service, method, path, query, at: core.clock.now() };
    if (body !== undefined)
      entry.body = typeof body === "object" && body !== null && "malformed" in body ? text : withoutSecrets(body);
    journal.push(entry);
    const incoming: Incoming = {
      service,
      method,
      target,
      path,
      headers: request.headers,
      body,
      root: (name) => `${origin}/${name}`,
      requestId: `req-${core.seed.uuid("request", "")}`,
      surprise: (kind, detail) => surprises.push({ kind, request: `${method} /${service}${target}`, detail }),
    };
    const fault = faults.strike({ operation, service, method, path });
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
