/** One cluster of machines that boot: who they are, whom they know, and who may log in, asked of them over SSH. */
import { join } from "node:path";
import { z } from "zod";
import { usualFields } from "../support/rig-config.ts";
import { timed, type Row } from "./board.ts";
import { credentials } from "./credentials.ts";
import { added } from "./inventory.ts";
import { destroy, refuseUnless, sameAgain, type Bed } from "./lifetime.ts";
import { makeKey, openNodes, type Nodes } from "../support/ssh.ts";

const cluster = "machines";
const user = "debian";

const Status = z.object({
  master: z.object({ ip: z.string() }),
  workers: z.array(z.object({ name: z.string(), ip: z.string() })),
});

/** Fills `row`. @throws Error at the first thing that is not as it should be */
export async function liveOnMachines(bed: Bed, row: Row): Promise<void> {
  const { project, lab, hailstack, bucket } = bed;
  await project.inventory(); // makes Neutron's default group
  const env = await credentials("openrc", project, lab.region, hailstack.folder);
  const keys = await Promise.all(["first", "second"].map((name) => makeKey(hailstack.folder, name)));
  const before = await project.inventory();
  hailstack.configure({
    ...usualFields(bucket.settings),
    "cluster.name": cluster,
    "cluster.num_workers": 1,
    "cluster.master_flavour": "m2.small",
    "cluster.ssh_username": user,
    "volumes.create": true,
    "volumes.size_gb": 1,
    "ssh_keys.public_keys": keys,
  });
  await timed(row, "create", () => hailstack.create(env));
  const made = await project.inventory();
  const { master, workers } = Status.parse(JSON.parse(await hailstack.run(env, "status", "--json")));
  const nodes = openNodes(hailstack.folder, {
    user,
    key: join(hailstack.folder, "first"),
    master: master.ip,
    workers: Object.fromEntries(workers.map(({ name, ip }) => [name, ip])),
  });
  const names = ["master", ...workers.map(({ name }) => name)];
  await timed(row, "ssh master", () => nodes.run("master", "true"));
  await timed(row, "ssh worker", () => Promise.all(workers.map(({ name }) => nodes.run(name, "true"))));
  await timed(row, "first boot", () => Promise.all(names.map((name) => booted(nodes, name))));
  await timed(row, "look", async () => {
    const addresses = await addressesOf(nodes, names);
    await Promise.all(names.map((name) => inspect(nodes, name, addresses, keys)));
    const [volume] = added(before, made).volumes;
    const disks = await nodes.run("master", "ls /dev/disk/by-id");
    refuseUnless(disks.includes(`virtio-${volume?.id.slice(0, 20)}`), `the master's disks are ${disks}`);
  });
  const life = { ...bed, env, cluster, variant: { name: cluster } };
  await timed(row, "again", () => sameAgain(life, made));
  await timed(row, "destroy", () => destroy(life, before));
}

/** cloud-init ends with 2 for warnings that it recovered from; its own word is what counts. */
export async function booted(nodes: Nodes, name: string): Promise<void> {
  const told = await nodes.run(name, "cloud-init status --wait --long; true");
  refuseUnless(/^status: done$/m.test(told), `cloud-init of ${name}: ${told}`);
}

/** The private address of each node, by its host name. */
async function addressesOf(nodes: Nodes, names: readonly string[]): Promise<Record<string, string>> {
  const entries = names.map(async (name) => {
    const address = await nodes.run(name, "ip -4 -o addr show scope global | awk '{print $4}' | cut -d/ -f1");
    return [`${cluster}-${name}`, address] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function inspect(
  nodes: Nodes,
  name: string,
  addresses: Readonly<Record<string, string>>,
  keys: readonly string[],
): Promise<void> {
  const is = await nodes.run(name, "hostname");
  refuseUnless(is === `${cluster}-${name}`, `the host name of ${name} is ${is}`);
  const hosts = await nodes.run(name, "cat /etc/hosts");
  refuseUnless(!hosts.includes("127.0.1.1"), `/etc/hosts of ${name} has 127.0.1.1:\n${hosts}`);
  for (const [peer, address] of Object.entries(addresses)) {
    const [found] = (await nodes.run(name, `getent ahostsv4 ${peer}`)).split(/\s/);
    refuseUnless(found === address, `${name} finds ${peer} at ${found}, it is at ${address}:\n${hosts}`);
    await nodes.run(name, `timeout 10 bash -c '</dev/tcp/${peer}/22'`);
  }
  const authorised = await nodes.run(name, "cat ~/.ssh/authorized_keys");
  for (const key of keys) refuseUnless(authorised.includes(key), `${name} lets in only:\n${authorised}`);
}
