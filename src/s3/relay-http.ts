/** The relay's own side of HTTP: what comes from the engine, and what goes back to it. */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer, Question } from "./exchange.ts";

/**
 * Headers of one connection, or of the engine's own signature and checksums: ours covers the whole body, and the engine
 * sends `UNSIGNED-PAYLOAD` for a checksum, which strict stores refuse.
 */
const notForwarded =
  /^(authorization|connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade|user-agent|accept-encoding|amz-sdk-.*|x-amz-(content-sha256|date|security-token|checksum-.*|sdk-checksum-algorithm|trailer|decoded-content-length))$/;

/** @throws Error when the engine went away in the middle */
export async function readQuestion(incoming: IncomingMessage, endpoint: URL): Promise<Question> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = "GET", url = "/" } = incoming;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (typeof value === "string" && !notForwarded.test(name)) headers[name] = value;
  }
  // Not resolved against the endpoint: `//host/` would then name another one.
  return { method, url: new URL(`${endpoint.origin}${url}`), headers, body: Buffer.concat(chunks) };
}

/** Whether the request is signed with the key that only our own child was told. */
export function holdsKey(incoming: IncomingMessage, accessKey: string): boolean {
  const given = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? "")?.[1] ?? "";
  return given.length === accessKey.length && timingSafeEqual(Buffer.from(given), Buffer.from(accessKey));
}

/** Headers of the store's connection to us. */
const notReturned = new Set(["connection", "content-encoding", "keep-alive", "transfer-encoding"]);

export function sendAnswer(outgoing: ServerResponse, method: string, { status, headers, body }: Answer): void {
  for (const [name, value] of headers) {
    // A HEAD's length is the object's; any other's is of the body as we have it.
    if (!notReturned.has(name) && (name !== "content-length" || method === "HEAD")) outgoing.setHeader(name, value);
  }
  outgoing.writeHead(status);
  outgoing.end(body);
}
