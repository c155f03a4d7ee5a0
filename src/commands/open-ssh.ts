/** What this machine's own ssh needs to get to a cluster's nodes: their host keys, and files that name them. */
import { dirname, join } from "node:path";
import { knownHostsText } from "../cluster/host-keys.ts";
import { readPins } from "../cluster/known-hosts.ts";
import type { ClusterNode } from "../cluster/nodes.ts";
import { sshConfig } from "../cluster/ssh-config.ts";
import { HailstackError } from "../errors.ts";
import type { World } from "../world.ts";
import { pinNodes } from "./pin-nodes.ts";
import { reachNodes } from "./reach.ts";
import type { Site } from "./site.ts";

/** For a server that is still booting; one that stands has its keys in the bucket. */
const patience = { timeoutMs: 60_000 };

/** Whatever the cloud does not tell, and whatever is to be pinned anew, the nodes themselves show. */
export async function learnHostKeys(
  world: World,
  site: Site,
  needed: readonly ClusterNode[],
  { sshKey, renew }: { sshKey: string | undefined; renew: readonly string[] },
): Promise<void> {
  const known = await pinNodes(
    site,
    needed.filter(({ name }) => !renew.includes(name)),
    patience,
  );
  const only = needed.filter(({ id, name }) => renew.includes(name) || !known[id]).map(({ name }) => name);
  if (only.length === 0) return;
  const before = await readPins(site.bucket, site.cluster);
  try {
    const nodes = await reachNodes(world, site, { ...patience, timeoutMs: 0, sshKey, only, renew });
    await nodes.close();
  } catch (error) {
    // The key is shown before the login, and OpenSSH may know a way in that we do not.
    const after = await readPins(site.bucket, site.cluster);
    const learnt = needed
      .filter(({ name }) => only.includes(name))
      .every(({ id }) => after[id]?.[0] !== before[id]?.[0]);
    if (!(error instanceof HailstackError) || !learnt) throw error;
  }
}

/** Below hailstack's own folder, in one that no other cluster has: people's ~/.ssh/config may name them. */
export async function writeSshFiles(
  world: World,
  site: Site,
  nodes: readonly ClusterNode[],
  sshKey: string | undefined,
) {
  const { cluster, state } = site;
  const config = await world.stateFile(`ssh/${cluster}-${state?.outputs?.cluster_id}/config`);
  const knownHosts = join(dirname(config), "known_hosts");
  const text = sshConfig({ nodes, user: state?.outputs?.ssh_username ?? "", knownHosts, sshKey });
  const pins = await readPins(site.bucket, cluster);
  await world.files.writeAtomic(knownHosts, knownHostsText(pins), 0o600);
  await world.files.writeAtomic(config, text, 0o600);
  return { config, text };
}
