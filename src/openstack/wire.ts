/** One question over HTTP and its answer: time-outs, retries, and JSON or nothing. */
import { setTimeout as delay } from "node:timers/promises";
import { Exit, failure, HailstackError } from "../errors.ts";
import type { Fetch } from "../net/http.ts";
import { NetworkError, networkTrouble } from "../net/trouble.ts";
import { pauseBeforeRetry } from "./retry.ts";

/** What the outside world is made of here; tests put other things in. */
export type Wire = {
  fetch: Fetch;
  /** Milliseconds since 1970. */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** In [0, 1). */
  random: () => number;
  /** How long one attempt may take, its answer read to the end. */
  attemptTimeoutMs: number;
  /** Ends whatever is under way. */
  signal?: AbortSignal | undefined;
};

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export type Question = {
  /** For messages: `compute`. */
  service: string;
  method: Method;
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  /** Of the body, which is JSON in any case. Default: `application/json`. */
  contentType?: string | undefined;
  /** Asking twice does no harm. Default: all but POST. */
  repeatable?: boolean | undefined;
};

export type Answer = {
  status: number;
  headers: Headers;
  /** Parsed JSON; undefined for an empty body, and for a refusal that is not JSON. */
  json: unknown;
  /** What the service's log calls this question. */
  requestId?: string;
};

/** The real clock and chance around `fetch`. */
export function openWire(fetch: Fetch, signal?: AbortSignal): Wire {
  const sleep = async (ms: number): Promise<void> => void (await delay(ms, undefined, signal ? { signal } : {}));
  return { fetch, now: Date.now, sleep, random: Math.random, attemptTimeoutMs: 30_000, signal };
}

/**
 * The final answer, whatever its status.
 * @throws HailstackError (3) when there is none, or when it is not the service that answers
 */
export async function send(wire: Wire, question: Question): Promise<Answer> {
  const repeatable = question.repeatable ?? question.method !== "POST";
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(wire, question);
    const again = outcome instanceof NetworkError ? outcome : { status: outcome.status, retryAfter: header(outcome) };
    const pause = pauseBeforeRetry(again, attempt, repeatable, wire.random(), wire.now());
    if (pause === undefined) {
      if (!(outcome instanceof NetworkError)) return outcome;
      throw new HailstackError(Exit.preflight, [unreachable(outcome, question)], { cause: outcome });
    }
    await wire.sleep(pause);
  }
}

async function attemptOnce(wire: Wire, question: Question): Promise<Answer | NetworkError> {
  const timeout = AbortSignal.timeout(wire.attemptTimeoutMs);
  const signal = wire.signal === undefined ? timeout : AbortSignal.any([timeout, wire.signal]);
  try {
    const response = await wire.fetch(question.url, {
      method: question.method,
      // Redirected, the token would go wherever the answer says.
      redirect: "manual",
      headers: { accept: "application/json", "user-agent": "hailstack", ...bodyType(question), ...question.headers },
      ...(question.body === undefined ? {} : { body: JSON.stringify(question.body) }),
      signal,
    });
    return toAnswer(question, response, await response.text());
  } catch (error) {
    if (wire.signal?.aborted || error instanceof HailstackError) throw error;
    const trouble = networkTrouble(error, question.url);
    if (trouble === undefined) throw error;
    return trouble;
  }
}

function bodyType({ body, contentType = "application/json" }: Question): Record<string, string> {
  return body === undefined ? {} : { "content-type": contentType };
}

function toAnswer(question: Question, { status, headers }: Response, text: string): Answer {
  const json = text === "" ? undefined : parseJson(text);
  const id = headers.get("x-openstack-request-id") ?? headers.get("x-compute-request-id");
  const answer = { status, headers, json, ...(id === null || !/^[\w-]{1,80}$/.test(id) ? {} : { requestId: id }) };
  if (status >= 400) return answer;
  if (status < 300 && (text === "" || json !== undefined)) return answer;
  throw notTheService(question, status, headers);
}

/** undefined when it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A sign-in page, a wrong port, a redirection: somebody else talks. */
function notTheService({ service, url }: Question, status: number, headers: Headers): HailstackError {
  const { host } = new URL(url);
  const type = (headers.get("content-type") ?? "nothing known").replace(/;.*/, "").slice(0, 60);
  const target = URL.parse(headers.get("location") ?? "", url)?.host;
  const got = status >= 300 ? `a redirection${target === undefined ? "" : ` to ${target}`} (${status})` : type;
  const message = `expected JSON from the ${service} service at ${host}, got ${got}`;
  const fix = `check the address, and that no sign-in page or proxy stands between here and ${host}`;
  return failure(Exit.preflight, "cloud-answer-not-json", message, fix);
}

function unreachable(trouble: NetworkError, { service }: Question): { slug: string; message: string; fix: string } {
  const { slug, message, fix } = trouble.problem();
  return { slug, message: `the ${service} service cannot be reached: ${message}`, fix };
}

function header(answer: Answer): string | null {
  return answer.headers.get("retry-after");
}
