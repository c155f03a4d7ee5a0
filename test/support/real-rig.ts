/** A rig whose cloud boots every server as a real node, from the image that the tests bake. As root on Linux. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { bakedRoot } from "../nodes/baked.ts";
import { bedName, holdBed, type Bed, type BedName } from "../nodes/bed.ts";
import { bedCompute, bedNetworks } from "../nodes/compute.ts";
import { testBundle } from "../nodes/inputs.ts";
import { checkout } from "./checkout.ts";
import { logIn } from "./cloud/test-client.ts";
import { startRig, type Rig, type RigOptions } from "./rig.ts";
import { makeKey, openNodes, type Nodes } from "./ssh.ts";

export type RealRig = Rig & {
  bed: Bed;
  /** The private key that opens every node. */
  sshKey: string;
  /** What a server's console shows, as Nova tells it, once it matches. @throws Error when a minute brings no match */
  console(server: string, wanted?: RegExp): Promise<string>;
  /**
   * The cluster's nodes over SSH as a user gets there: the floating IP, the workers through the master, nobody let pass
   * whose host key its console has not shown. Names are `master`, `worker-01` …
   */
  nodes(): Promise<Nodes>;
};

const usualBed: BedName = { bed: "e", net: "10.97.5" };
/** Where cloud-init shows a node's host keys. */
const hostKeys = /-----BEGIN SSH HOST KEY KEYS-----\s+([\s\S]*?)-----END SSH HOST KEY KEYS-----/;
const consoleMs = 60_000;

const Status = z.object({
  cluster_name: z.string(),
  master: z.object({ ip: z.string() }),
  workers: z.array(z.object({ name: z.string(), ip: z.string() })),
});

/** The root file system that nodes boot from: `HAILSTACK_NODES_ROOT`, or baked, which takes minutes the first time. */
export const nodesRoot = async (): Promise<string> =>
  process.env["HAILSTACK_NODES_ROOT"] ??
  (await bakedRoot({ fresh: false, say: (text) => void process.stderr.write(`bake: ${text}\n`) }));

/** Two cores each; what they have in memory, a small machine has for three of them. */
export const realFields = { "cluster.master_flavour": "m2.large", "cluster.worker_flavour": "m2.medium" };

export async function startRealRig(options: RigOptions): Promise<RealRig> {
  const root = await nodesRoot();
  const bed = await holdBed(bedName(usualBed));
  const keys = mkdtempSync(join(tmpdir(), "hailstack-keys-"));
  const putAway = async () => {
    await bed.stop();
    rmSync(keys, { recursive: true, force: true });
  };
  try {
    const publicKey = await makeKey(keys, "key");
    const rig = await startRig({ ...options, ...(await onBed(options, { bed, root, publicKey })) });
    return {
      ...rig,
      bed,
      sshKey: join(keys, "key"),
      console: (server, wanted = /(?:)/) => consoleOf(rig, server, wanted),
      nodes: () => waysIn(rig, keys),
      stop: () => rig.stop().finally(putAway),
    };
  } catch (error) {
    await putAway();
    throw error;
  }
}

type Ground = { bed: Bed; root: string; publicKey: string };

async function onBed(options: RigOptions, { bed, root, publicKey }: Ground): Promise<Partial<RigOptions>> {
  const { id } = await testBundle();
  const fields = {
    "cluster.bundle": id,
    "cluster.bundles_file": join(checkout, "test/bundle/bundles.toml"),
    "ssh_keys.public_keys": [publicKey],
  };
  const cloud = {
    images: [{ name: `hailstack-${id}` }],
    networks: bedNetworks(bed),
    compute: bedCompute(bed, root),
  };
  return { fields: { ...realFields, ...fields, ...options.fields }, cloud: { ...cloud, ...options.cloud } };
}

async function consoleOf(rig: Rig, server: string, wanted: RegExp): Promise<string> {
  const client = await logIn(rig.cloud);
  const id = [...rig.cloud.state.servers.values()].find(({ name }) => name === server)?.id ?? server;
  const deadline = performance.now() + consoleMs;
  for (;;) {
    const path = `/v2.1/servers/${id}/action`;
    const text = String((await client.send("compute", "POST", path, { "os-getConsoleOutput": {} })).at("output"));
    if (wanted.test(text)) return text;
    if (performance.now() > deadline) throw new Error(`${server} does not show ${wanted}:\n${text}`);
    await sleep(200);
  }
}

async function waysIn(rig: Rig, keys: string): Promise<Nodes> {
  const status = await rig.hailstack("status", "--json");
  if (status.code !== 0) throw new Error(status.stderr);
  const { cluster_name: cluster, master, workers } = Status.parse(JSON.parse(status.stdout));
  const all = [{ name: "master", ip: master.ip }, ...workers];
  const knownHosts = await Promise.all(
    all.map(async ({ name, ip }) => {
      const [, shown = ""] = hostKeys.exec(await consoleOf(rig, `${cluster}-${name}`, hostKeys)) ?? [];
      return shown
        .trim()
        .split(/\r?\n/)
        .map((line) => `${ip} ${line}`);
    }),
  );
  return openNodes(keys, {
    user: "ubuntu",
    key: join(keys, "key"),
    master: master.ip,
    workers: Object.fromEntries(workers.map(({ name, ip }) => [name, ip])),
    knownHosts: knownHosts.flat(),
    patience: { connectMs: 60_000, pauseMs: 200 },
  });
}
