/** The host keys that the servers of a cluster must show: from the bucket, else from their console logs. */
import { setTimeout as sleep } from "node:timers/promises";
import { fingerprint, hostKeysOfConsole, type KnownHosts } from "../cluster/host-keys.ts";
import { readPins, storePins } from "../cluster/known-hosts.ts";
import { lastLines } from "../cluster/node-answer.ts";
import type { ClusterNode } from "../cluster/nodes.ts";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { World } from "../world.ts";
import type { Site } from "./site.ts";

export type PinPlace = Pick<Site, "cloud" | "bucket" | "cluster">;
export type Patience = {
  timeoutMs: number;
  /** Between two questions; 3 s unless told. */
  pauseMs?: number | undefined;
};

/** All that Nova keeps of a log: the keys come late in a first boot, and much may have been said since. */
const consoleLines = 10_000;
const consolesAtOnce = 8;
export const usualPauseMs = 3000;

/**
 * Keys by server id, stored as they are found. A server whose log the cloud does not tell has none in it.
 * @throws HailstackError (1) when a log that can be read shows none in time
 */
export async function pinNodes(
  place: PinPlace,
  nodes: readonly ClusterNode[],
  patience: Patience,
): Promise<KnownHosts> {
  const { bucket, cluster } = place;
  const stored = await readPins(bucket, cluster);
  const missing = nodes.filter(({ id }) => stored[id] === undefined);
  if (missing.length === 0) return stored;
  const { found, silent } = await askConsoles(place, missing, patience);
  const known = Object.keys(found).length > 0 ? await storePins(bucket, cluster, found) : stored;
  if (silent.length > 0) throw new HailstackError(Exit.failed, silent.slice(0, 5).map(showsNone));
  return known;
}

type Silent = { node: ClusterNode; log: string };

async function askConsoles(place: PinPlace, nodes: readonly ClusterNode[], { timeoutMs, pauseMs }: Patience) {
  const deadline = performance.now() + timeoutMs;
  const found: Record<string, readonly string[]> = {};
  let left = nodes;
  for (;;) {
    const silent: Silent[] = [];
    for (let from = 0; from < left.length; from += consolesAtOnce) {
      await Promise.all(
        left.slice(from, from + consolesAtOnce).map(async (node) => {
          const log = await consoleOf(place, node);
          if (log === undefined) return;
          const keys = hostKeysOfConsole(log);
          if (keys) found[node.id] = keys;
          else silent.push({ node, log });
        }),
      );
    }
    if (silent.length === 0 || performance.now() >= deadline) return { found, silent };
    await sleep(pauseMs ?? usualPauseMs);
    left = silent.map(({ node }) => node);
  }
}

const consoleOf = ({ cloud }: PinPlace, { id }: ClusterNode): Promise<string | undefined> =>
  cloud.consoleLog(id, consoleLines);

/** Of a console that a problem shows the end of. */
export const consoleEnd = (log: string): string[] => lastLines(log, 20);

const showsNone = ({ node: { name }, log }: Silent): Problem => ({
  slug: "ssh-host-key",
  message:
    "the console log does not show the server's SSH host keys, so nobody can tell whether it is the one that answers",
  where: name,
  excerpt: consoleEnd(log),
  fix: `wait until it has booted; if its log has run over since, take what it shows: hailstack ssh ${name} --accept-new-host-keys`,
});

/**
 * What to do with a key that no pin is there for: it becomes the pin. Unless the console log tells the same, a warning
 * names it, for that is trust without proof.
 */
export function acceptShown({ terminal }: World, place: PinPlace, nodes: readonly ClusterNode[]) {
  // One after the other: each reads the stored keys and writes them again.
  let storing: Promise<unknown> = Promise.resolve();
  return async (name: string, key: string): Promise<void> => {
    const node = nodes.find((one) => one.name === name);
    if (!node) return;
    const told = hostKeysOfConsole((await consoleOf(place, node)) ?? "");
    const proved = told?.includes(key) ?? false;
    if (!proved) terminal.report({ event: "warning", ...trusted(name, key) });
    const work = storing.then(() => storePins(place.bucket, place.cluster, { [node.id]: (proved && told) || [key] }));
    storing = work.catch(() => undefined);
    await work;
  };
}

const trusted = (name: string, key: string): Problem => ({
  slug: "ssh-host-key-unproved",
  message: `the host key ${fingerprint(key)} is taken for the node's because it shows it; its console log does not tell`,
  where: name,
  fix: "compare it on the server's own console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
});
