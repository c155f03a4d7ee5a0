/**
 * What stands in front of all services: `/compute/v2.1/servers` is Nova's `/v2.1/servers`. It writes the journal and
 * makes things go wrong as the fault plan says.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, type ServiceName, plainRefusal } from "./core/errors.ts";
import type { Json } from "./core/json.ts";
import type { Core } from "./core.ts";
import type { FaultKind, Faults } from "./faults.ts";
import { type Entry, type Surprise, withoutSecrets } from "./journal.ts";
import { type Incoming, answerTo, isMalformed, operationOf } from "./service.ts";

export type Records = { journal: Entry[]; surprises: Surprise[] };
export type Front = { core: Core; faults: Faults; records: Records; origin: string };

const serviceNames: readonly ServiceName[] = ["identity", "compute", "network", "image", "volume"];
const isServiceName = (name: string | undefined): name is ServiceName =>
  serviceNames.some((service) => service === name);

/** Answers one request, or does not, if that is its fate. */
export async function serve(front: Front, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { core, faults, origin } = front;
  const { journal, surprises } = front.records;
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
    // A file is what it is.
    body: request.headers["content-type"] === "application/octet-stream" ? text : parsedBody(text),
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

type Known = Omit<Entry, "number" | "method" | "at" | "service"> & { service: ServiceName };

function entryOf(incoming: Incoming, text: string): Known {
  const { service, path, target, body } = incoming;
  const entry: Known = { operation: operationOf(incoming), service, path, query: target.split("?")[1] ?? "" };
  if (body !== undefined) entry.body = isMalformed(body) ? text : withoutSecrets(body);
  return entry;
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
