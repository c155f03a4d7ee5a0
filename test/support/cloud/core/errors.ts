/** Refusals in each service's own form. */
import type { Json } from "./json.ts";

export type ServiceName = "identity" | "compute" | "network" | "image" | "volume";

export type Answer = {
  status: number;
  body?: Json;
  /** Sent as it stands instead of `body`. */
  text?: string;
  headers?: Readonly<Record<string, string>>;
};

/** Thrown by a handler to answer with an error. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`${answer.status} ${JSON.stringify(answer.body ?? answer.text ?? "")}`);
    this.name = "Refusal";
    this.answer = answer;
  }
}

const novaKeys: Readonly<Record<number, string>> = {
  400: "badRequest",
  401: "unauthorized",
  403: "forbidden",
  404: "itemNotFound",
  405: "badMethod",
  409: "conflictingRequest",
  413: "overLimit",
  429: "overLimit",
  503: "serviceUnavailable",
};
const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Request Entity Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
const titleOf = (status: number) => titles[status] ?? "Error";

/** Nova and Cinder, which inherited it. */
function faultAnswer(status: number, message: string, contentType?: string): Answer {
  const code = status;
  const overLimit = status === 413 || status === 429;
  const key = novaKeys[status] ?? "computeFault";
  const headers: Record<string, string> = {};
  if (contentType !== undefined) headers["content-type"] = contentType;
  if (overLimit) headers["retry-after"] = "0";
  return { status, body: { [key]: overLimit ? { code, message, retryAfter: "0" } : { code, message } }, headers };
}

export const novaAnswer = (status: number, message: string): Answer =>
  faultAnswer(status, message, "application/json; charset=UTF-8");
export const novaError = (status: number, message: string): Refusal => new Refusal(novaAnswer(status, message));
export const cinderError = (status: number, message: string): Refusal => new Refusal(faultAnswer(status, message));
export const neutronError = (status: number, type: string, message: string): Refusal =>
  new Refusal({ status, body: { NeutronError: { type, message, detail: "" } } });
/** WebOb's own form: Glance, and what the others' routers refuse. */
export const webobAnswer = (status: number, message: string): Answer => ({
  status,
  body: { message, code: `${status} ${titleOf(status)}`, title: titleOf(status) },
});
export const glanceError = (status: number, message: string): Refusal =>
  new Refusal(webobAnswer(status, `${message}<br /><br />\n\n\n`));
export const keystoneAnswer = (status: number, message: string): Answer => ({
  status,
  body: { error: { code: status, message, title: titleOf(status) } },
});
export const keystoneError = (status: number, message: string): Refusal => new Refusal(keystoneAnswer(status, message));

/** A refusal for no reason of the caller's, as a fault plan wants it, in the form of `service`. */
export function plainRefusal(service: ServiceName, status: number): Answer {
  const message = `${titleOf(status)} (refused by the fault plan)`;
  if (service === "identity") return keystoneAnswer(status, message);
  if (service === "image") return webobAnswer(status, message);
  if (service === "network") return { status, body: { NeutronError: { type: "Refused", message, detail: "" } } };
  return service === "compute" ? novaAnswer(status, message) : faultAnswer(status, message);
}
