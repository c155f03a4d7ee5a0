/** Makes answers of two clouds comparable: what must differ (ids, times, addresses) becomes a placeholder. */
import type { Answer } from "./client.ts";
import type { Step } from "./step.ts";
import type { Target } from "./target.ts";

export type Recorded = { status: number; headers: Record<string, string>; body: unknown };

const comparedHeaders = [
  "allow",
  "content-type",
  "location",
  "openstack-api-version",
  "retry-after",
  "vary",
  "www-authenticate",
  "x-compute-request-id",
  "x-openstack-nova-api-version",
  "x-openstack-request-id",
  "x-subject-token",
];

/** Keys whose values say nothing about the interface. */
const varying = new Set([
  "adminPass",
  "audit_ids",
  "checksum",
  "fingerprint",
  "os_hash_value",
  "revision_number",
  "size_bytes",
  "standard_attr_id",
]);

const patterns: readonly [RegExp, string][] = [
  [/req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<request>"],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<uuid>"],
  [/\b[0-9a-f]{32}\b/g, "<hex>"],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?/g, "<time>"],
  [/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, "<mac>"],
  [/\b(10\.9[89]|172\.24)\.\d+\.\d+\b(?!\/)/g, "<ip>"],
];

/** The answer as it is stored and compared. */
export function normalise(step: Step, { status, headers, body }: Answer, { roots }: Target): Recorded {
  const text = (value: string) => {
    let result = value;
    for (const [service, root] of Object.entries(roots)) result = result.replaceAll(root, `<${service}>`);
    for (const [pattern, placeholder] of patterns) result = result.replaceAll(pattern, placeholder);
    result = result.replaceAll(/(.)\1{99,}/g, (run: string, letter: string) => `<${run.length} × ${letter}>`);
    return result;
  };
  const kept: Record<string, string> = {};
  for (const name of comparedHeaders) {
    const value = headers.get(name);
    if (value !== null) kept[name] = name === "x-subject-token" ? "<token>" : text(value);
  }
  const timing = new Set(step.timing);
  const compared = step.itemsOfOthers === true ? shapeOf(body) : normalisedValue(body, text, timing);
  return { status, headers: kept, body: compared };
}

function normalisedValue(value: unknown, text: (value: string) => string, timing: ReadonlySet<string>): unknown {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return inOneOrder(value.map((item) => normalisedValue(item, text, timing)));
  if (value === null || typeof value !== "object") return value;
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (timing.has(key)) continue;
    if (varying.has(key) || (key === "id" && typeof item === "number"))
      result[text(key)] = `<${item === null ? "null" : typeof item}>`;
    else result[text(key)] = normalisedValue(item, text, timing);
  }
  return result;
}

/** Most collections come in the order of ids, which differ. */
const inOneOrder = (items: unknown[]) => items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** Types instead of values, and of a list what all its items have. */
function shapeOf(value: unknown): unknown {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== "object") return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]): [string, unknown] => [key, shapeOf(item)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
