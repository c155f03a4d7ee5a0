/** One request to the store and its whole answer, and whether that answer is worth anything. */
import type { Fetch } from "../net/http.ts";

export type Answer = { status: number; headers: Headers; body: Uint8Array };
export type Question = { method: string; url: URL; headers: Record<string, string>; body: Uint8Array };

/** Bytes per ms that the slowest line still carries: 10 kB/s. */
const slowestLine = 10;

/**
 * Reads the whole answer. `quietMs` is how long nothing may come; sending gets as long again as a slow line needs.
 * Redirects are answers too: followed, a login page would pass for the store.
 * @throws Error when no answer came, or half of one
 */
export async function exchange(
  fetch: Fetch,
  { method, url, headers, body }: Question,
  { quietMs, signal }: { quietMs: number; signal?: AbortSignal },
): Promise<Answer> {
  const stop = new AbortController();
  const giveUp = () => stop.abort(new DOMException("the store fell silent", "TimeoutError"));
  let timer = setTimeout(giveUp, quietMs + body.byteLength / slowestLine);
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers, "accept-encoding": "identity" },
      redirect: "manual",
      signal: signal ? AbortSignal.any([stop.signal, signal]) : stop.signal,
      // Bytes of an exact length; fetch's types want an ArrayBuffer behind them, Node takes any.
      ...(body.byteLength > 0 ? { body: body as Uint8Array<ArrayBuffer> } : {}),
    });
    const chunks: Uint8Array[] = [];
    // The types of the web know no iteration of a stream; Node's has it.
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      clearTimeout(timer);
      timer = setTimeout(giveUp, quietMs);
    }
    return { status: response.status, headers: response.headers, body: Buffer.concat(chunks) };
  } finally {
    clearTimeout(timer);
  }
}

/** The store cannot answer now, or something else answered in its place; the same request may succeed later. */
export const isAway = (question: Pick<Question, "method" | "url">, answer: Answer): boolean =>
  (answer.status >= 500 && answer.status !== 501) || answer.status === 429 || !isFromStore(question, answer);

/** Whether the store itself spoke: login pages and gateways on the way answer in its place, and often with 200. */
export function isFromStore(
  { method, url }: Pick<Question, "method" | "url">,
  { status, headers, body }: Answer,
): boolean {
  const start = Buffer.from(body.subarray(0, 256)).toString("latin1");
  const isXml = /^\s*<(?!!doctype|html)/i.test(start.replace(/^\s*<\?xml[^>]*>/, ""));
  const stored = headers.has("etag");
  if (status === 200 && isAboutObject(url)) {
    // Every object has an ETag; a copy's is in its XML.
    if (method === "GET" || method === "HEAD") return stored;
    if (method === "PUT") return stored || isXml;
  }
  if (status === 200 && method === "GET") return isXml;
  const isPage = /html/i.test(headers.get("content-type") ?? "") && body.byteLength > 0;
  return !isPage || stored || isXml;
}

const isAboutObject = (url: URL): boolean => /^\/[^/]+\/./.test(url.pathname) && isPlain(url);

/** About the thing itself, not one of its parts, versions or attributes; SDKs put `x-id` everywhere. */
export const isPlain = ({ searchParams }: URL): boolean => [...searchParams.keys()].every((key) => key === "x-id");

/** Why there was no answer, in words fit for a user. */
export function reasonOf(outcome: Answer | Error): string {
  if (!(outcome instanceof Error)) {
    const page = /html/i.test(outcome.headers.get("content-type") ?? "");
    return page ? `a web page (${outcome.status}) came instead of the store's answer` : `it answered ${outcome.status}`;
  }
  if (outcome.name === "TimeoutError") return "it did not answer in time";
  // What net/http.ts has put into words stands; under Node's own "terminated" lies a socket that broke.
  return outcome.name === "NetworkError" ? outcome.message : "the connection broke off";
}
