/** Where the time of one `create --json` went, from its own events and from what passed to the store. */
import { z } from "zod";
import type { S3Request } from "./s3-meter.ts";
import { checkpointWrites } from "./s3-meter.ts";
import { duration } from "./side-by-side.ts";
import type { Timed } from "./timed.ts";

const Event = z.looseObject({
  event: z.string(),
  stage: z.string().optional(),
  state: z.string().optional(),
});

/** One line each; without `requests`, nothing of the store. */
export function whereItGoes({ ms, lines }: Timed, requests?: readonly S3Request[]): string[] {
  const events = lines.flatMap(({ ms: at, text }) => {
    const parsed = Event.safeParse(json(text));
    return parsed.success ? [{ at, ...parsed.data }] : [];
  });
  const at = (found: (typeof events)[number] | undefined) => found?.at ?? Number.NaN;
  const creating = at(events.find(({ stage, state }) => stage === "creating" && state === "started"));
  const resources = events.filter(({ event }) => event === "resource");
  const [first, last] = [at(resources[0]), at(resources.at(-1))];
  return [
    `until the engine starts (node, config, login, preflight, identity): ${duration(creating)}`,
    `engine, plugin and program until the first resource: ${duration(first - creating)}`,
    `resources: ${duration(last - first)}; from the last one to the end: ${duration(ms - last)}`,
    ...(requests ? [storeLine(requests)] : []),
  ];
}

function storeLine(requests: readonly S3Request[]): string {
  const writes = checkpointWrites(requests);
  const ms = writes.reduce((total, write) => total + write.ms, 0);
  const mib = writes.reduce((total, { bytes }) => total + bytes, 0) / 2 ** 20;
  return `checkpoints: ${writes.length} writes of ${mib.toFixed(1)} MiB together, ${duration(ms)} at the store, one after another; all requests to the store: ${requests.length}`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
