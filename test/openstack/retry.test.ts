import { expect, test } from "vitest";
import { NetworkError, type NetworkTroubleKind } from "../../src/net/trouble.ts";
import { pauseBeforeRetry } from "../../src/openstack/retry.ts";

const status = (code: number, retryAfter: string | null = null): { status: number; retryAfter: string | null } => ({
  status: code,
  retryAfter,
});
const trouble = (kind: NetworkTroubleKind): NetworkError => new NetworkError(kind, "host", "message", "fix", undefined);
const nowMs = Date.parse("2026-01-01T00:00:00Z");

test.for([
  { when: "the service is overloaded", outcome: status(429) },
  { when: "it says when to come again", outcome: status(503, "1") },
  { when: "old Nova says 413 with a time", outcome: status(413, "1") },
  { when: "the connection was refused", outcome: trouble("refused") },
  { when: "the name server was away", outcome: trouble("name-server") },
])("anything is repeated when $when", ({ outcome }) => {
  expect(pauseBeforeRetry(outcome, 1, false, 0, nowMs)).toBeGreaterThan(0);
});

test.for([
  { when: "a gateway gives up", outcome: status(504) },
  { when: "the service breaks", outcome: status(500) },
  { when: "a bare 503 comes, perhaps from a proxy", outcome: status(503) },
  { when: "the connection dies", outcome: trouble("reset") },
  { when: "no answer comes in time", outcome: trouble("timeout") },
])("only what may be done twice is repeated when $when", ({ outcome }) => {
  expect(pauseBeforeRetry(outcome, 1, true, 0, nowMs)).toBeGreaterThan(0);
  expect(pauseBeforeRetry(outcome, 1, false, 0, nowMs)).toBeUndefined();
});

test.for([
  { when: "the answer is good", outcome: status(200) },
  { when: "the answer is a refusal", outcome: status(403) },
  { when: "413 comes without a time", outcome: status(413) },
  { when: "there is no such host", outcome: trouble("name-unknown") },
  { when: "the certificate is refused", outcome: trouble("tls-issuer") },
  { when: "the proxy refuses", outcome: trouble("proxy") },
])("nothing is repeated when $when", ({ outcome }) => {
  expect(pauseBeforeRetry(outcome, 1, true, 0, nowMs)).toBeUndefined();
});

test("pauses double up to a cap, with jitter, and end", () => {
  const pauses = [1, 2, 3, 4, 5, 6].map((attempt) => pauseBeforeRetry(status(429), attempt, true, 0, nowMs));
  expect(pauses).toEqual([250, 500, 1000, 2000, 4000, undefined]);
  expect(pauseBeforeRetry(status(429), 5, true, 0.5, nowMs)).toBe(6000);
});

test.for([
  { what: "seconds", header: "7", ms: 7_000 },
  { what: "an HTTP date", header: "Thu, 01 Jan 2026 00:00:09 GMT", ms: 9_000 },
  { what: "an hour, cut to a minute", header: "3600", ms: 60_000 },
  { what: "a date in the past", header: "Thu, 01 Jan 2025 00:00:00 GMT", ms: 250 },
  { what: "nonsense", header: "soon", ms: 250 },
])("Retry-After may be $what", ({ header, ms }) => {
  expect(pauseBeforeRetry(status(429, header), 1, false, 0, nowMs)).toBe(ms);
});
