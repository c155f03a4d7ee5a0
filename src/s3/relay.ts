/**
 * The state store as the Pulumi engine sees it: a loopback server that passes each request on to the real bucket,
 * signed with the real keys, which the engine never holds.
 *
 * It is there for two reasons. An outage of the store in mid-create must not lose the record of servers that exist:
 * we try for minutes where the engine gives up after half of one, and keep the last state in a file when even that
 * fails. And the engine saves its whole state twice per resource with four requests each time, one after another;
 * three of the four we can answer ourselves while the stack's lock is ours.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { BucketSettings } from "../world.ts";
import type { Fetch } from "../net/http.ts";
import { endpointUrl } from "./endpoint.ts";
import { openSigner, type RawRequest } from "./sign.ts";

export type RelayOptions = {
  bucket: BucketSettings;
  fetch: Fetch;
  /** Key of the checkpoint that may be answered from memory once it was written. */
  checkpointKey: string;
  /** Told when the store does not answer and how long that has gone on, every few seconds. */
  onWaiting(seconds: number): void;
  /** Keeps a state that could not be stored; returns where. */
  keep(state: Uint8Array): Promise<string>;
  /** How long one request may go on failing before it is given up; 3 minutes unless told. */
  patienceMs?: number;
};

export type Relay = Awaited<ReturnType<typeof openRelay>>;
type Answer = { status: number; headers: Headers; body: Uint8Array };

/** Headers that belong to one connection or to the engine's own signature. */
const notForwarded = new Set([
  "authorization",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "te",
  "transfer-encoding",
  "accept-encoding",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-security-token",
  "amz-sdk-invocation-id",
  "amz-sdk-request",
  "user-agent",
]);

/** Listens on loopback until `close`. */
export async function openRelay(options: RelayOptions) {
  const endpoint = endpointUrl(options.bucket.endpoint);
  const sign = openSigner(options.bucket);
  const patienceMs = options.patienceMs ?? 180_000;
  /** Any local user can reach a loopback port: only a child that was told this key is served. */
  const accessKey = randomBytes(20).toString("hex");
  const memory = openMemory(options.bucket.bucket, options.checkpointKey);
  let kept: string | undefined;

  async function forward(request: RawRequest): Promise<Answer> {
    const { method, body } = request;
    // Bytes of an exact length; fetch's types want an ArrayBuffer, Node takes the view.
    const init = { method, ...(body.byteLength > 0 ? { body: body as Uint8Array<ArrayBuffer> } : {}) };
    const response = await options.fetch(request.url, {
      ...init,
      headers: await sign(request),
      signal: AbortSignal.timeout(60_000),
    });
    return { status: response.status, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) };
  }

  async function forwardPatiently(request: RawRequest): Promise<Answer> {
    const started = Date.now();
    for (let attempt = 0; ; attempt += 1) {
      const answer = await forward(request).catch((error: unknown) => error as Error);
      const away = answer instanceof Error || answer.status >= 500 || answer.status === 429;
      const waited = Date.now() - started;
      if (!away) return answer;
      if (waited > patienceMs || kept !== undefined) {
        if (answer instanceof Error) throw answer;
        return answer;
      }
      if (attempt > 2) options.onWaiting(Math.round(waited / 1000));
      await new Promise((resolve) => setTimeout(resolve, Math.min(250 * 2 ** attempt, 5_000)));
    }
  }

  async function serve(incoming: IncomingMessage): Promise<Answer> {
    const request = await readRequest(incoming, endpoint);
    const known = memory.answer(request);
    if (known) return known;
    try {
      const answer = await forwardPatiently(request);
      if (memory.isCheckpointWrite(request) && answer.status >= 300) kept = await options.keep(request.body);
      memory.learn(request, answer);
      return answer;
    } catch {
      if (memory.isCheckpointWrite(request)) kept = await options.keep(request.body);
      // A refusal, not a 5xx: the engine would try that again for half a minute more.
      return refusal(403, "StateStoreAway");
    }
  }

  const server = createServer((incoming, outgoing) => {
    const answering = holdsKey(incoming, accessKey) ? serve(incoming) : Promise.resolve(refusal(403, "AccessDenied"));
    answering.then(
      (answer) => send(outgoing, incoming.method ?? "", answer),
      () => outgoing.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;

  return {
    /** What the engine needs to use this as its backend. */
    env: {
      PULUMI_BACKEND_URL: `s3://${options.bucket.bucket}?endpoint=${encodeURIComponent(`http://127.0.0.1:${port}`)}&region=us-east-1&s3ForcePathStyle=true`,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: "relay",
      AWS_REGION: "us-east-1",
      AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
      AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    },
    /** Where the last state is when the store would not take it; undefined while all is well. */
    keptState: (): string | undefined => kept,
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the relay knows about one checkpoint object, which nobody else writes while the stack's lock is ours. */
function openMemory(bucket: string, key: string) {
  const path = `/${bucket}/${key}`;
  let size: number | undefined;
  let backedUp = false;
  let listing: { query: string; answer: Answer } | undefined;
  const pathOf = (request: RawRequest) => decodeURIComponent(request.url.pathname);
  const isCheckpointWrite = (request: RawRequest) =>
    request.method === "PUT" && pathOf(request) === path && !request.headers["x-amz-copy-source"];
  const isListing = (request: RawRequest) => request.method === "GET" && request.url.searchParams.get("prefix") === key;

  return {
    isCheckpointWrite,
    answer(request: RawRequest): Answer | undefined {
      if (size === undefined) return undefined;
      if (request.method === "HEAD" && pathOf(request) === path) return found(size);
      if (isListing(request) && listing?.query === request.url.search) return listing.answer;
      // One backup per run, of the state before it: later ones would only cover the last half second.
      if (backedUp && request.method === "PUT" && pathOf(request) === `${path}.bak`) return copied();
      return undefined;
    },
    learn(request: RawRequest, answer: Answer): void {
      const done = answer.status < 300;
      if (isCheckpointWrite(request)) size = done ? request.body.byteLength : undefined;
      else if (request.method === "PUT" && pathOf(request) === `${path}.bak`) backedUp = done;
      else if (isListing(request))
        listing = size !== undefined && done ? { query: request.url.search, answer } : undefined;
      else if (request.method !== "GET" && request.method !== "HEAD" && pathOf(request).startsWith(path))
        size = undefined;
    },
  };
}

async function readRequest(incoming: IncomingMessage, endpoint: URL): Promise<RawRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (typeof value === "string" && !notForwarded.has(name)) headers[name] = value;
  }
  const url = new URL(`${endpoint.pathname.replace(/\/$/, "")}${incoming.url ?? "/"}`, endpoint);
  return { method: incoming.method ?? "GET", url, headers, body: Buffer.concat(chunks) };
}

function holdsKey(incoming: IncomingMessage, accessKey: string): boolean {
  const given = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? "")?.[1] ?? "";
  return given.length === accessKey.length && timingSafeEqual(Buffer.from(given), Buffer.from(accessKey));
}

function send(outgoing: ServerResponse, method: string, { status, headers, body }: Answer): void {
  for (const [name, value] of headers) {
    // fetch has decoded the body; a HEAD's length is the object's, not the body's.
    if (name === "content-encoding" || name === "transfer-encoding" || name === "connection") continue;
    if (name === "content-length" && method !== "HEAD") continue;
    outgoing.setHeader(name, value);
  }
  outgoing.writeHead(status);
  outgoing.end(body);
}

const xml = (status: number, body: string): Answer => ({
  status,
  headers: new Headers({ "content-type": "application/xml" }),
  body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${body}`),
});
const refusal = (status: number, code: string) =>
  xml(status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
const copied = () =>
  xml(
    200,
    `<CopyObjectResult><ETag>"relay"</ETag><LastModified>${new Date().toISOString()}</LastModified></CopyObjectResult>`,
  );
const found = (size: number): Answer => ({
  status: 200,
  headers: new Headers({ "content-length": String(size), etag: '"relay"', "last-modified": new Date().toUTCString() }),
  body: new Uint8Array(),
});
