/** Lets the AWS SDK speak through our fetch, so that proxies and private CAs are settled in one place. */
import { Readable } from "node:stream";
import type { Fetch } from "../net/http.ts";
import { HttpResponse, type HttpRequest } from "@smithy/core/protocols";

/** Each attempt gets this long; the SDK decides how many there are. */
const timeoutMs = 7_000;

/** `onDate` hears the `Date` header of every answer. */
export function fetchHandler(fetch: Fetch, onDate: (date: Date) => void) {
  return {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
      const query = new URLSearchParams();
      for (const [key, value] of Object.entries(request.query ?? {})) {
        for (const one of Array.isArray(value) ? value : [value ?? ""]) query.append(key, one);
      }
      const search = query.size > 0 ? `?${query.toString().replaceAll("+", "%20")}` : "";
      const port = request.port ? `:${request.port}` : "";
      const answer = await fetch(`${request.protocol}//${request.hostname}${port}${request.path}${search}`, {
        method: request.method,
        headers: request.headers,
        ...(request.body === undefined ? {} : { body: request.body as string | Uint8Array<ArrayBuffer> }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const date = Date.parse(answer.headers.get("date") ?? "");
      if (!Number.isNaN(date)) onDate(new Date(date));
      // Whole, but as the stream that the SDK's deserialisers expect of a Node handler.
      const body = Readable.from([Buffer.from(await answer.arrayBuffer())]);
      const headers = Object.fromEntries(answer.headers);
      return { response: new HttpResponse({ statusCode: answer.status, headers, body }) };
    },
  };
}
