/** `GET /v2/info/usage`: what of Glance's quota is left, where the cloud keeps one. */
import { type Call, projectOf } from "../core/call.ts";
import type { Answer } from "../core/errors.ts";
import type { QuotaName } from "../quotas.ts";

const names: readonly QuotaName[] = ["image_count_total", "image_size_total"];

/** Nothing is told of what has no limit: such a cloud, as the lab, does not ask Keystone for any. */
export function showUsage(call: Call): Answer {
  const { quotas } = call.core;
  const projectId = projectOf(call);
  const kept = names.filter((name) => quotas.limit(projectId, name) >= 0);
  const usage = Object.fromEntries(
    kept.map((name) => [name, { limit: quotas.limit(projectId, name), usage: quotas.used(projectId, name) }]),
  );
  return { status: 200, body: { usage } };
}
