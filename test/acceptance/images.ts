/**
 * The image of the tests' bundle, built on the lab's machines, and a cluster that boots from it: what the image is when
 * nothing has been configured yet.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { serveFiles } from "../nodes/file-server.ts";
import { mirrorFolder, run } from "../nodes/place.ts";
import { type Fields, usualFields } from "../support/rig-config.ts";
import { timed, type Row } from "./board.ts";
import { credentials } from "./credentials.ts";
import type { Started } from "./hailstack.ts";
import { added, describe } from "./inventory.ts";
import { destroy, nothing, refuseUnless, type Bed, type Life } from "./lifetime.ts";
import { booted } from "./machines.ts";
import { bundle, bundleFields } from "./test-bundle.ts";
import { makeKey, openNodes, type Nodes } from "../support/ssh.ts";

const cluster = "imaged";
const user = "debian";

const Images = z.object({ images: z.array(z.object({ id: z.string(), bundle: z.string(), state: z.string() })) });
const Status = z.object({ master: z.object({ ip: z.string() }) });

/** Runs `work` with a config of the tests' bundle, and a mirror that the lab's machines reach. */
async function withMirror({ lab, bucket }: Bed, work: (fields: Fields) => Promise<void>): Promise<void> {
  run("mirror", "build");
  // The lab's own side of the machines' network, as the proxy and the gateway of S3 have it.
  const gateway = new URL(lab.s3.endpoint).hostname;
  const mirror = await serveFiles(mirrorFolder, gateway);
  const ca = process.env["NODE_EXTRA_CA_CERTS"];
  try {
    await work({
      ...usualFields(bucket.settings),
      "cluster.name": cluster,
      ...bundleFields,
      "cluster.num_workers": 1,
      "cluster.master_flavour": "m2.large",
      "cluster.worker_flavour": "m2.large",
      "cluster.ssh_username": user,
      "packer.base_image": "debian-12",
      "packer.flavour": "m2.build",
      "packer.artifact_mirror": mirror.url,
      "packer.http_proxy": `http://${gateway}:3128`,
      "packer.no_proxy": gateway,
      ...(ca === undefined ? {} : { "packer.ca_file": ca }),
    });
  } finally {
    await mirror.close();
  }
}

/** A build that is cut off while its server boots: by Ctrl-C it clears up, after SIGKILL `image prune` does. */
export async function cutOff(bed: Bed, row: Row): Promise<void> {
  const { project, lab, hailstack, bucket } = bed;
  await project.inventory(); // makes Neutron's default group
  const env = await credentials("openrc", project, lab.region, hailstack.folder);
  const before = await project.inventory();
  const nothingLeft = async (): Promise<void> => {
    const left = added(before, await project.inventory());
    refuseUnless(nothing(left), `it left ${describe(left)}`);
    const records = Object.keys(await bucket.etags()).filter((name) => name.startsWith("hailstack/builds/"));
    refuseUnless(records.length === 0, `records of builds are left: ${records.join(", ")}`);
  };
  await withMirror(bed, async (fields) => {
    hailstack.configure(fields);
    await timed(row, "Ctrl-C", async () => {
      const build = hailstack.start(env, "build-image");
      await until(build, "waiting for SSH on the builder server: started");
      build.kill("SIGINT");
      const code = await build.ended;
      refuseUnless(code === 130, `it ended with ${code}:\n${build.said()}`);
      await nothingLeft();
    });
    await timed(row, "SIGKILL", async () => {
      const build = hailstack.start(env, "build-image");
      await until(build, "waiting for SSH on the builder server: started");
      build.kill("SIGKILL");
      await build.ended;
      const left = added(before, await project.inventory());
      for (const kind of ["servers", "keypairs", "security groups", "floating IPs"] as const)
        refuseUnless(left[kind].length === 1, `a killed build left ${describe(left)}`);
    });
    await timed(row, "prune", async () => {
      await hailstack.run(env, "image prune", "--yes");
      await nothingLeft();
    });
  });
}

/** Until the command has said `words`. @throws Error when it ended before */
async function until({ said, ended }: Started, words: string): Promise<void> {
  let code: number | null | undefined;
  void ended.then((end) => (code = end));
  while (!said().includes(words)) {
    if (code !== undefined) throw new Error(`it ended with ${code} before:\n${said()}`);
    await sleep(200);
  }
}

/** Fills `row`. @throws Error at the first thing that is not as it should be */
export async function liveOnImage(bed: Bed, row: Row): Promise<void> {
  const { project, lab, hailstack } = bed;
  await project.inventory(); // makes Neutron's default group
  const env = await credentials("openrc", project, lab.region, hailstack.folder);
  const before = await project.inventory();
  await withMirror(bed, async (fields) => {
    hailstack.configure({ ...fields, "ssh_keys.public_keys": [await makeKey(hailstack.folder, "key")] });
    const id = await timed(row, "build", () => hailstack.run(env, "build-image", "--timeout", "180"));
    await timed(row, "published", () => published(bed, env, id.trim(), before));
  });
  await timed(row, "create", () => hailstack.create(env));
  const { master } = Status.parse(JSON.parse(await hailstack.run(env, "status", "--json")));
  const key = join(hailstack.folder, "key");
  const nodes = openNodes(hailstack.folder, { user, key, master: master.ip, workers: {} });
  await timed(row, "first boot", () => booted(nodes, "master"));
  await timed(row, "look", () => asleep(nodes));
  const life: Life = { ...bed, env, cluster, variant: { name: cluster } };
  await timed(row, "destroy", () => destroy(life, before));
}

async function published(
  { hailstack, project, bucket }: Bed,
  env: Life["env"],
  id: string,
  before: Awaited<ReturnType<Bed["project"]["inventory"]>>,
) {
  refuseUnless(/^[0-9a-f-]{36}$/.test(id), `stdout is not an image's id: ${id}`);
  const left = added(before, await project.inventory());
  refuseUnless(nothing(left), `the build left ${describe(left)}`);
  const { images } = Images.parse(JSON.parse(await hailstack.run(env, "image list", "--json")));
  const ours = images.find((image) => image.id === id);
  refuseUnless(ours?.state === "usable" && ours.bundle === bundle, `image list says ${JSON.stringify(images)}`);
  const keys = Object.keys(await bucket.etags()).filter((name) => name.startsWith(`hailstack/images/${id}/`));
  refuseUnless(keys.length === 3, `its provenance is ${keys.join(", ") || "nowhere"}`);
  // A second one of that name must not begin.
  const again = await hailstack.run(env, "build-image").then(
    () => "it was built again",
    (error: unknown) => String(error),
  );
  refuseUnless(again.includes("image-name-taken") && again.includes("ended with 3"), again);
}

/** Nothing of a cluster runs before first boot gives a node its role, and nobody but root reads what it was given. */
export async function asleep(nodes: Nodes): Promise<void> {
  const failed = await nodes.run("master", "systemctl --failed --no-legend --plain");
  refuseUnless(failed === "", `failed units: ${failed}`);
  const services =
    "'hdfs-*' 'yarn-*' 'mapred-*' 'spark-*' 'jupyter-*' hailstack-hdfs-layout nginx netdata nfs-server rpcbind";
  const active = await nodes.run("master", `systemctl list-units --no-legend --plain --state=active ${services}`);
  refuseUnless(active === "", `these run: ${active}`);
  const told = await nodes.run("master", "cat /etc/hailstack/image.json");
  refuseUnless(told.includes(bundle), `image.json is ${told}`);

  const metadata =
    "curl -sS -o /dev/null --max-time 10 -w '%{http_code}' http://169.254.169.254/openstack/latest/user_data";
  const asRoot = await nodes.run("master", `sudo ${metadata}`);
  refuseUnless(asRoot === "200", `root gets ${asRoot} from the metadata service`);
  for (const command of [
    metadata,
    "cat /var/lib/cloud/instance/user-data.txt",
    "cat /var/lib/cloud/instance/user-data.txt.i",
  ]) {
    const asNobody = await nodes.run("master", `sudo -u nobody ${command} 2>&1; echo " ended with $?"`);
    refuseUnless(!asNobody.endsWith("ended with 0"), `a user without rights ran ${command}: ${asNobody.slice(0, 200)}`);
  }
  // Its own, and not the builder's.
  const identity = await nodes.run(
    "master",
    "stat -c %Y /etc/ssh/ssh_host_ed25519_key /etc/machine-id | sort -n | head -1; date +%s; cut -d. -f1 /proc/uptime",
  );
  const [made = 0, now = 0, up = 0] = identity.split("\n").map(Number);
  refuseUnless(now - made <= up + 60, `host key or machine id are ${now - made} s old, the machine ${up}`);
}
