/** Which requests go wrong, and how. */
import type { Seed } from "./core/seed.ts";
import type { ServiceName } from "./core/errors.ts";

export type FaultKind =
  /** Answers with this status, in the service's own form, and does nothing. */
  | {
      kind: "refuse";
      status: 400 | 401 | 403 | 404 | 409 | 413 | 429 | 500 | 502 | 503 | 504;
      retryAfterSeconds?: number;
    }
  /** Does and answers, but only after this time. */
  | { kind: "delay"; ms: number }
  /** Does it, then closes the connection without an answer. */
  | { kind: "lose-answer" }
  /** Resets the connection before anything is done. */
  | { kind: "reset" }
  /** Answers 200 with an HTML page, as a log-in page in between does, and does nothing. */
  | { kind: "html" }
  /** Does nothing and never answers. */
  | { kind: "timeout" };

/** Conditions that a request must all meet; none is any request. */
export type Match = {
  operation?: string;
  service?: ServiceName;
  method?: string;
  /** Path below the service's root, without the query. */
  path?: RegExp;
};

export type FaultPlan = {
  match: Match;
  /** Which of the matching requests, counted from 1; all when absent. */
  nth?: number | readonly number[];
  /** The chance, from 0 to 1, of each matching request; it follows from the cloud's seed. */
  probability?: number;
  fault: FaultKind;
};

export type Request = { operation: string; service: ServiceName; method: string; path: string };

/** The plans of one cloud; they can be changed while it runs. */
export class Faults {
  readonly #seed: Seed;
  #plans: { plan: FaultPlan; seen: number; hits: number }[] = [];

  constructor(seed: Seed, plans: readonly FaultPlan[]) {
    this.#seed = seed;
    for (const plan of plans) this.add(plan);
  }

  add(plan: FaultPlan): void {
    this.#plans.push({ plan, seen: 0, hits: 0 });
  }

  clear(): void {
    this.#plans = [];
  }

  /** How often each plan has struck, in the order they were added. */
  hits(): number[] {
    return this.#plans.map(({ hits }) => hits);
  }

  /** The fault of the first plan that strikes this request; every plan that matches counts it. */
  strike(request: Request): FaultKind | undefined {
    let struck: FaultKind | undefined;
    for (const entry of this.#plans) {
      if (!matches(entry.plan.match, request)) continue;
      entry.seen += 1;
      if (struck !== undefined || !this.#isDue(entry.plan, entry.seen, request)) continue;
      entry.hits += 1;
      struck = entry.plan.fault;
    }
    return struck;
  }

  #isDue({ nth, probability }: FaultPlan, seen: number, { operation }: Request): boolean {
    if (nth !== undefined && ![nth].flat().includes(seen)) return false;
    return probability === undefined || this.#seed.fraction("fault", operation) < probability;
  }
}

function matches({ operation, service, method, path }: Match, request: Request): boolean {
  return (
    (operation === undefined || operation === request.operation) &&
    (service === undefined || service === request.service) &&
    (method === undefined || method === request.method) &&
    (path === undefined || path.test(request.path))
  );
}
