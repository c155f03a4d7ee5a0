/** A simulated cloud that shares neither its event loop nor its memory with whoever measures. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { bundleId } from "../support/rig-config.ts";
import type { CloudOptions } from "../support/cloud/options.ts";
import type { JournalEntry, Lookup, Question } from "./cloud-child.ts";

export type CloudApart = {
  env: Record<string, string>;
  journal(): Promise<JournalEntry[]>;
  /** Ids by name. */
  lookup(): Promise<Lookup>;
  stop(): void;
};

/** Room for thousands of servers. */
const project = {
  name: "demo",
  quotas: {
    instances: 5000,
    cores: 50_000,
    ram: 100_000_000,
    server_groups: 10,
    server_group_members: 5000,
    port: 10_000,
    security_group_rule: 1000,
  },
};

/** With the usual bundle's image. `options` must be plain data. */
export async function startCloudApart(options: Omit<CloudOptions, "compute"> = {}): Promise<CloudApart> {
  const all = { images: [{ name: `hailstack-${bundleId}` }], projects: [project], ...options };
  const child = fork(join(import.meta.dirname, "cloud-child.ts"), [JSON.stringify(all)]);
  const [env] = await once(child, "message");
  async function ask<T>(question: Question): Promise<T> {
    child.send(question);
    const [answer] = await once(child, "message");
    // cloud-child.ts answers each question with its type.
    return answer as T;
  }
  return { env, journal: () => ask("journal"), lookup: () => ask("lookup"), stop: () => child.disconnect() };
}

/** Whether the cloud changes anything for it; a login is no change. */
export const isWrite = ({ operation, method }: JournalEntry): boolean =>
  method !== "GET" && operation !== "identity.tokens.create";
