/** Every request a cloud got, in the order in which they came. */
import { createHash } from "node:crypto";
import type { ServiceName } from "./core/errors.ts";
import type { FaultKind } from "./faults.ts";
import { type Fields, type Json, isFields } from "./core/json.ts";

export type Entry = {
  /** From 1. */
  number: number;
  /** `unknown` for what has no route. */
  operation: string;
  service: ServiceName | "none";
  method: string;
  /** Below the service's root. */
  path: string;
  query: string;
  /** Secrets are replaced by their hash. */
  body?: Json;
  /** Absent while it runs, and when no answer was sent. */
  status?: number;
  fault?: FaultKind["kind"];
  /** The cloud's time when it came. */
  at: Date;
  /** How long it took; absent like `status`. */
  ms?: number;
};

/**
 * Something no client of ours should send: a path, method, property or filter that the cloud does not know. `bug` is
 * one of the cloud's own.
 */
export type Surprise = {
  kind: "path" | "method" | "query" | "body" | "token" | "version" | "bug";
  request: string;
  detail: string;
};

const secretKeys = new Set(["password", "secret", "adminPass"]);

/** A copy in which every secret is `sha256:` and the first 16 digits of its hash. */
export function withoutSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isFields(value)) return value;
  const result: Fields = {};
  for (const [key, item] of Object.entries(value)) {
    const secret = typeof item === "string" && (secretKeys.has(key) || (key === "id" && item.startsWith("gAAAA")));
    result[key] = secret ? hashOf(item) : withoutSecrets(item);
  }
  return result;
}

const hashOf = (secret: string) => `sha256:${createHash("sha256").update(secret).digest("hex").slice(0, 16)}`;
