/** A rig whose cloud boots every server as a real node, from the image that the tests bake. As root on Linux. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bakedRoot } from "../nodes/baked.ts";
import { bedName, holdBed, type Bed, type BedName } from "../nodes/bed.ts";
import { testBundle } from "../nodes/inputs.ts";
import { checkout } from "./checkout.ts";
import { consoleOf, realCloud, waysIn } from "./real-nodes.ts";
import { startRig, type Rig, type RigOptions } from "./rig.ts";
import { makeKey, type Nodes } from "./ssh.ts";

export type RealRig = Rig & {
  /** For what no user can do: power cuts, commands past SSH. */
  bed: Bed;
  /** The private key that opens every node. */
  sshKey: string;
  /** As consoleOf. */
  console(server: string, wanted?: RegExp): Promise<string>;
  /** As waysIn, of the cluster as it is now. */
  nodes(): Promise<Nodes>;
};

const usualBed: BedName = { bed: "e", net: "10.97.5" };
/** Two cores each; what they have in memory, a small machine has for three of them. */
const flavours = { "cluster.master_flavour": "m2.large", "cluster.worker_flavour": "m2.medium" };

/** `HAILSTACK_NODES_ROOT` names another root file system than the baked one, which takes minutes the first time. */
export async function startRealRig(options: RigOptions): Promise<RealRig> {
  const say = (text: string) => void process.stderr.write(`bake: ${text}\n`);
  const root = process.env["HAILSTACK_NODES_ROOT"] ?? (await bakedRoot({ fresh: false, say }));
  const bed = await holdBed(bedName(usualBed));
  const keys = mkdtempSync(join(tmpdir(), "hailstack-keys-"));
  const putAway = async () => {
    await bed.stop();
    rmSync(keys, { recursive: true, force: true });
  };
  try {
    const { id } = await testBundle();
    const fields = {
      ...flavours,
      "cluster.bundle": id,
      "cluster.bundles_file": join(checkout, "test/bundle/bundles.toml"),
      "ssh_keys.public_keys": [await makeKey(keys, "key")],
      ...options.fields,
    };
    const rig = await startRig({ ...options, fields, cloud: { ...realCloud(bed, root, id), ...options.cloud } });
    return {
      ...rig,
      bed,
      sshKey: join(keys, "key"),
      console: (server, wanted) => consoleOf(rig.cloud, server, wanted),
      async nodes() {
        const { code, stdout, stderr } = await rig.hailstack("status", "--json");
        if (code !== 0) throw new Error(stderr);
        return waysIn(rig.cloud, stdout, keys);
      },
      stop: () => rig.stop().finally(putAway),
    };
  } catch (error) {
    await putAway();
    throw error;
  }
}
