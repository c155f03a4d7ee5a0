/** A simulated cloud whose servers are real nodes: its options, its consoles, and the ways into a cluster's nodes. */
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Bed } from "../nodes/bed.ts";
import { bedCompute, bedNetworks } from "../nodes/compute.ts";
import type { SimulatedCloud } from "./cloud/cloud.ts";
import type { CloudOptions } from "./cloud/options.ts";
import { logIn } from "./cloud/test-client.ts";
import { openNodes, type Nodes } from "./ssh.ts";

/** Where cloud-init shows a node's host keys. */
const hostKeys = /-----BEGIN SSH HOST KEY KEYS-----\s+([\s\S]*?)-----END SSH HOST KEY KEYS-----/;
const consoleMs = 60_000;

/** Of a cloud that has the image of this bundle alone, and boots its servers from the root file system `root`. */
export const realCloud = (bed: Bed, root: string, bundle: string): CloudOptions => ({
  images: [{ name: `hailstack-${bundle}` }],
  networks: bedNetworks(bed),
  compute: bedCompute(bed, root),
});

/**
 * What a server's console shows, as Nova tells it, once it matches.
 * @throws Error when a minute brings no match
 */
export async function consoleOf(cloud: SimulatedCloud, server: string, wanted = /(?:)/): Promise<string> {
  const client = await logIn(cloud);
  const id = [...cloud.state.servers.values()].find(({ name }) => name === server)?.id ?? server;
  const deadline = performance.now() + consoleMs;
  for (;;) {
    const path = `/v2.1/servers/${id}/action`;
    const text = String((await client.send("compute", "POST", path, { "os-getConsoleOutput": {} })).at("output"));
    if (wanted.test(text)) return text;
    if (performance.now() > deadline) throw new Error(`${server} does not show ${wanted}:\n${text}`);
    await sleep(200);
  }
}

const Status = z.object({
  cluster_name: z.string(),
  master: z.object({ ip: z.string() }),
  workers: z.array(z.object({ name: z.string(), ip: z.string() })),
});

/**
 * The nodes of the cluster that `status --json` tells of, as a user gets there: the floating IP, the workers through the
 * master, nobody let pass whose host key its console has not shown. Names are `master`, `worker-01` … The key pair
 * is `key` in `folder`.
 */
export async function waysIn(cloud: SimulatedCloud, status: string, folder: string): Promise<Nodes> {
  const { cluster_name: cluster, master, workers } = Status.parse(JSON.parse(status));
  const all = [{ name: "master", ip: master.ip }, ...workers];
  const knownHosts = await Promise.all(
    all.map(async ({ name, ip }) => {
      const [, shown = ""] = hostKeys.exec(await consoleOf(cloud, `${cluster}-${name}`, hostKeys)) ?? [];
      return shown
        .trim()
        .split(/\r?\n/)
        .map((line) => `${ip} ${line}`);
    }),
  );
  return openNodes(folder, {
    user: "ubuntu",
    key: join(folder, "key"),
    master: master.ip,
    workers: Object.fromEntries(workers.map(({ name, ip }) => [name, ip])),
    knownHosts: knownHosts.flat(),
    patience: { connectMs: 60_000, pauseMs: 200 },
  });
}
