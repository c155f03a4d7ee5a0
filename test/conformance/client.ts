/** Sends the scenario's calls and keeps what came back. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Step } from "./step.ts";
import type { Target } from "./target.ts";

export type Answer = { status: number; headers: Headers; body: unknown };
export type Variables = Record<string, string>;

const longestWaitMs = 60_000;

/** Steps and answers by step name, and the variables as they are at the end. */
export async function runScenario(target: Target, steps: readonly Step[]) {
  const variables: Variables = { ...target.variables };
  const answers = new Map<string, { step: Step; answer: Answer }>();
  for (const step of steps) {
    const answer = await settledAnswer(target, step, variables);
    answers.set(step.name, { step, answer });
    for (const [name, path] of Object.entries(step.save ?? {})) {
      const value = path.startsWith("header:")
        ? answer.headers.get(path.slice(7))
        : valueAt(answer.body, fill(path, variables));
      if (typeof value === "string") variables[name] = value;
    }
  }
  return { answers, variables };
}

async function settledAnswer(target: Target, step: Step, variables: Variables): Promise<Answer> {
  const deadline = performance.now() + longestWaitMs;
  for (;;) {
    const answer = await send(target, step, variables);
    if (isSettled(step, answer) || performance.now() > deadline) return answer;
    await sleep(target.pollMs);
  }
}

function isSettled({ until }: Step, { status, body }: Answer): boolean {
  if (until === undefined) return true;
  if ("status" in until) return status === until.status;
  const value = valueAt(body, until.path);
  return until.is === null ? value === null : String(value) === until.is;
}

async function send({ roots }: Target, step: Step, variables: Variables): Promise<Answer> {
  const headers: Record<string, string> = { accept: "application/json" };
  const token = step.token === null ? undefined : variables[step.token ?? "main"];
  if (token !== undefined) headers["x-auth-token"] = token;
  if (step.subject === true && token !== undefined) headers["x-subject-token"] = token;
  if (step.version !== undefined) headers["openstack-api-version"] = `compute ${step.version}`;
  const body = step.rawBody ?? (step.body === undefined ? undefined : fill(JSON.stringify(step.body), variables));
  if (body !== undefined) headers["content-type"] = step.contentType ?? "application/json";
  const response = await fetch(roots[step.service] + fill(step.path, variables), {
    method: step.method,
    headers,
    redirect: "manual",
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, headers: response.headers, body: parsed(await response.text()) };
}

const fill = (text: string, variables: Variables) =>
  text.replaceAll(/\{([a-z0-9_]+)\}/g, (whole, name: string) => variables[name] ?? whole);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The value at `a.b[0].c` or `a.b[name=x].c`; undefined when there is none. */
export function valueAt(value: unknown, path: string): unknown {
  let current = value;
  for (const [, name, selector] of path.matchAll(/([^.[\]]+)|\[([^\]]+)\]/g)) {
    if (current === null || typeof current !== "object") return undefined;
    // Any object of a JSON answer may be read by key; a missing one gives undefined.
    const fields = current as Record<string, unknown>;
    const [key, wanted] = (selector ?? "").split("=");
    if (name !== undefined) current = fields[name];
    else if (wanted === undefined) current = fields[key ?? ""];
    else current = Object.values(fields).find((item) => valueAt(item, key ?? "") === wanted);
  }
  return current;
}
