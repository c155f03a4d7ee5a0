/**
 * A cluster of machines that boot, from nothing to a Hail job: what containers cannot show. Who the machines are, whom
 * they know, who may log in; the encrypted volume, its growth, its export; a reboot of all; and the volume's data in a
 * second cluster.
 */
import { join } from "node:path";
import { z } from "zod";
import { usualFields } from "../support/rig-config.ts";
import { makeKey, openNodes, type Nodes } from "../support/ssh.ts";
import { timed, type Row } from "./board.ts";
import { credentials } from "./credentials.ts";
import { addNewline, requireData, requireShared, writeData } from "./data-volume.ts";
import { copyImage } from "./image.ts";
import { added } from "./inventory.ts";
import { destroy, refuseUnless, sameAgain, type Bed, type Life } from "./lifetime.ts";
import { machineImage } from "./machine-image.ts";
import { bundle, bundleFields } from "./test-bundle.ts";

const cluster = "machines";
const user = "debian";

const Status = z.object({
  master: z.object({ ip: z.string() }),
  workers: z.array(z.object({ name: z.string(), ip: z.string() })),
});

/** Fills `row`. @throws Error at the first thing that is not as it should be */
export async function liveOnMachines(bed: Bed, row: Row): Promise<void> {
  const { project, lab, hailstack, bucket } = bed;
  const image = await timed(row, "bake", () => machineImage(lab.baseImage, user, () => {}));
  await timed(row, "image", () => copyImage(project.rest, "debian-12", `hailstack-${bundle}`, image));
  await project.inventory(); // makes Neutron's default group
  const env = await credentials("openrc", project, lab.region, hailstack.folder);
  const keys = await Promise.all(["first", "second"].map((name) => makeKey(hailstack.folder, name)));
  const key = join(hailstack.folder, "first");
  const before = await project.inventory();
  const fields = {
    ...usualFields(bucket.settings),
    "cluster.name": cluster,
    ...bundleFields,
    "cluster.num_workers": 1,
    // One core each: a JVM has died under the emulator's two threads.
    "cluster.master_flavour": "m2.build",
    "cluster.worker_flavour": "m2.worker",
    "cluster.ssh_username": user,
    // An emulated core has enough to do without.
    "cluster.monitoring": "none",
    "ssh_keys.public_keys": keys,
  };
  const made = { ...fields, "volumes.create": true, "volumes.preserve_on_destroy": true };
  const life: Life = { ...bed, env, cluster, variant: { name: cluster } };

  hailstack.configure({ ...made, "volumes.size_gb": 1 });
  await timed(row, "create", () => hailstack.form(env, key));
  const cloud = await project.inventory();
  const { id = "" } = added(before, cloud).volumes[0] ?? {};
  const names = ["master", "worker-01"];
  let nodes = await reach(life, key);
  await timed(row, "look", async () => {
    const addresses = await addressesOf(nodes, names);
    await Promise.all(names.map((name) => inspect(nodes, name, addresses, keys)));
    await requireShared(nodes, user, id, 1);
    await writeData(nodes, user);
  });
  await timed(row, "again", () => sameAgain(life, cloud));

  hailstack.configure({ ...made, "volumes.size_gb": 2 });
  await timed(row, "bigger", () => hailstack.form(env, key));
  await requireShared(nodes, user, id, 2);
  await addNewline(nodes, id);

  await timed(row, "reboot", () => rebootAll(nodes, names));
  await timed(row, "ready", () => hailstack.run(env, "ready", "--ssh-key", key, "--timeout", "120"));
  await requireShared(nodes, user, id, 2);
  await requireData(nodes, user);
  await timed(row, "destroy", () => destroy({ ...life, variant: { name: cluster, keeps: "volumes" } }, before));

  const kept = await project.inventory();
  hailstack.configure({ ...fields, "volumes.existing_volume_id": id });
  await timed(row, "second", () => hailstack.form(env, key));
  nodes = await reach(life, key);
  await requireShared(nodes, user, id, 2);
  await requireData(nodes, user);
  await timed(row, "destroy it", () => destroy(life, kept));
}

/** The machines of the cluster that there is now, whose addresses and keys another one may have had. */
async function reach({ hailstack, env }: Life, key: string): Promise<Nodes> {
  const { master, workers } = Status.parse(JSON.parse(await hailstack.run(env, "status", "--json")));
  return openNodes(hailstack.folder, {
    user,
    key,
    master: master.ip,
    workers: Object.fromEntries(workers.map(({ name, ip }) => [name, ip])),
  });
}

/** As a site's power would do it in order: all at once. Ends when each has booted again. */
async function rebootAll(nodes: Nodes, names: readonly string[]): Promise<void> {
  const boots = (name: string) => nodes.run(name, "cat /proc/sys/kernel/random/boot_id");
  const before = await Promise.all(names.map(boots));
  // Workers first, who are reached through the master.
  for (const name of names.toReversed()) await nodes.run(name, "sudo systemd-run --on-active=5 systemctl reboot");
  await Promise.all(
    names.map(async (name, index) => {
      for (let now = before[index]; now === before[index]; now = await boots(name));
    }),
  );
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
  await booted(nodes, name);
  const failed = await nodes.run(name, "systemctl --failed --no-legend --plain");
  refuseUnless(failed === "", `failed units of ${name}: ${failed}`);
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
