/** Answers that say no, in words. */
import * as z from "zod";
import { Exit, failure, HailstackError } from "../errors.ts";
import type { Answer } from "./wire.ts";

/** Who asked for what; all of it is shown. */
export type Asking = {
  service: string;
  /** The rest of "may not …": `list servers`. */
  what: string;
  user: string;
  project: string;
};

/** The error for an answer of 4xx or 5xx. `secrets` are taken out of the service's own words. */
export function refusal(answer: Answer, asking: Asking, secrets: readonly string[]): HailstackError {
  const { service, what, user, project } = asking;
  const words = [serviceWords(answer, secrets), answer.requestId].filter((text) => text !== undefined).join(", ");
  const reason = words === "" ? "" : `: ${words}`;
  if (answer.status === 403) {
    const fix = `ask your cloud's administrators for the member role in project ${project}, or for the policy that allows it`;
    const message = `${user} may not ${what} in project ${project} (403 from the ${service} service${reason})`;
    return failure(Exit.preflight, "cloud-not-allowed", message, fix);
  }
  const message = `the ${service} service answered ${answer.status} to: ${what}${reason}`;
  return failure(Exit.preflight, "cloud-call-failed", message, fixFor(answer, service));
}

/** The error for an answer of the wrong shape. Names the place in it, never a value. */
export function unexpectedAnswer(asking: Asking, issues: readonly z.core.$ZodIssue[]): HailstackError {
  const places = issues.slice(0, 3).map((issue) => `${issue.path.join(".") || "the whole"}: ${issue.message}`);
  const message = `the ${asking.service} service's answer to '${asking.what}' is not as expected (${places.join("; ")})`;
  const fix = "check that the address in the catalogue is that service, and tell us its OpenStack release";
  return failure(Exit.preflight, "cloud-answer-unexpected", message, fix);
}

const Message = z.looseObject({ message: z.string() });

/** Every service wraps its reason in one object of another name: `{"forbidden": {"message": …}}`. */
export function serviceWords({ json }: Answer, secrets: readonly string[]): string | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  for (const value of [json, ...Object.values(json)]) {
    const found = Message.safeParse(value);
    if (found.success) return harmless(found.data.message, secrets);
  }
  return undefined;
}

/** On one line, without terminal escapes, without secrets, at most 300 characters. */
function harmless(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret !== "");
  const hidden = known.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
  // Glance's reasons end in the line breaks of a web page.
  const plain = hidden.replaceAll(/<br ?\/?>/gi, " ");
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  const line = plain.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

function fixFor({ status }: Answer, service: string): string {
  if (status === 406) return `the ${service} service is too old: hailstack needs OpenStack Train or newer`;
  if (status >= 500) return "try again; if it stays so, give the request id to your cloud's administrators";
  return "read the reason; the request id helps your cloud's administrators to find more";
}
