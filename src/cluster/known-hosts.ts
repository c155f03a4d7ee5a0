/** The host keys of a cluster's servers, in an object of their own that every operator of the cluster reads. No secret. */
import type { Bucket } from "../world.ts";
import { knownHostsText, readKnownHosts, type KnownHosts } from "./host-keys.ts";

export const knownHostsKey = (cluster: string): string => `hailstack/${cluster}/known_hosts`;

/** Empty when none was stored yet. @throws HailstackError (4) */
export async function readPins(bucket: Bucket, cluster: string): Promise<KnownHosts> {
  const bytes = await bucket.get(knownHostsKey(cluster));
  return bytes ? readKnownHosts(Buffer.from(bytes).toString("utf8")) : {};
}

/** Forgets the keys of these servers. @throws HailstackError (4) */
export async function removePins(bucket: Bucket, cluster: string, ids: readonly string[]): Promise<void> {
  const pins = await readPins(bucket, cluster);
  if (!ids.some((id) => id in pins)) return;
  const kept = Object.entries(pins).filter(([id]) => !ids.includes(id));
  await bucket.put(knownHostsKey(cluster), knownHostsText(Object.fromEntries(kept)));
}

/**
 * Stores the keys of these servers beside those of the others, over their own earlier ones; all there are now. Two that
 * store at once may lose one's: that server's are then asked for again.
 */
export async function storePins(bucket: Bucket, cluster: string, found: KnownHosts): Promise<KnownHosts> {
  const all = { ...(await readPins(bucket, cluster)), ...found };
  await bucket.put(knownHostsKey(cluster), knownHostsText(all));
  return all;
}
