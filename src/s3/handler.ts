/**
 * Lets the AWS SDK speak through our fetch, so that proxies, private CAs and what counts as an answer are settled in
 * one place. It tries again by itself: every request of ours may be sent twice.
 */
import { Readable } from "node:stream";
import type { Fetch } from "../net/http.ts";
import { HttpResponse, type HttpRequest } from "@smithy/core/protocols";
import { exchange, isAway, isFromStore, reasonOf, type Answer, type Question } from "./exchange.ts";

export type Patience = {
  attempts: number;
  /** How long the store may be silent in each, in ms. */
  quietMs: number;
};

/** Nothing that could be the store has answered. */
export class StoreAway extends Error {
  constructor(reason: string, cause: unknown) {
    super(reason, { cause });
    this.name = "StoreAway";
  }
}

/** `onDate` hears the `Date` header of every answer. */
export function fetchHandler(fetch: Fetch, { attempts, quietMs }: Patience, onDate: (date: Date) => void) {
  const tryOnce = (question: Question): Promise<Answer | Error> =>
    exchange(fetch, question, { quietMs }).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );

  return {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
      const question = questionOf(request);
      let outcome = await tryOnce(question);
      for (let attempt = 1; attempt < attempts && cannotStand(question, outcome); attempt += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
        outcome = await tryOnce(question);
      }
      if (outcome instanceof Error || !isFromStore(question, outcome)) throw new StoreAway(reasonOf(outcome), outcome);
      const date = Date.parse(outcome.headers.get("date") ?? "");
      if (!Number.isNaN(date)) onDate(new Date(date));
      const headers = Object.fromEntries(outcome.headers);
      // The whole, as the stream that the SDK's deserialisers expect of a Node handler.
      const body = Readable.from([outcome.body]);
      return { response: new HttpResponse({ statusCode: outcome.status, headers, body }) };
    },
  };
}

const cannotStand = (question: Question, outcome: Answer | Error): boolean =>
  outcome instanceof Error || isAway(question, outcome);

function questionOf({ method, protocol, hostname, port, path, query, headers, body }: HttpRequest): Question {
  const url = new URL(`${protocol}//${hostname}${port ? `:${port}` : ""}${path}`);
  for (const [key, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) url.searchParams.append(key, one);
  }
  // A space as the signature has it.
  url.search = url.search.replaceAll("+", "%20");
  // Ours are texts and bytes only, or nothing.
  return { method, url, headers, body: Buffer.from((body ?? "") as string | Uint8Array) };
}
