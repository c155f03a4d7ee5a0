/** What hailstack plans for a scene, as plain data: those who do the same without hailstack make exactly this. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { planCluster, type ClusterPlan } from "../../src/cluster/plan.ts";
import { newClusterId } from "../../src/cluster/store.ts";
import { loadConfig } from "../../src/config/load.ts";
import { sizingOf } from "../../src/cluster/sizing.ts";
import { readTemplates } from "../../src/cluster/templates.ts";
import { userData } from "../../src/cluster/user-data.ts";
import { openFiles } from "../../src/host/files.ts";
import { readTree } from "../../src/host/read-tree.ts";
import { checkout } from "../support/checkout.ts";
import type { Scene } from "./scene.ts";

export type Planned = {
  plan: ClusterPlan;
  /** First-boot data by node name, as large as the real one. */
  userData: Readonly<Record<string, string>>;
};

export async function plannedFor({ config, dotenv }: Scene): Promise<Planned> {
  const asset = (name: string) => readFile(join(checkout, name), "utf8");
  const loaded = await loadConfig({ files: openFiles(), env: {}, asset, now: () => new Date() }, { config, dotenv }, [
    "bundle",
  ]);
  if (!loaded.bundle) throw new Error("the config names a bundle");
  const plan = planCluster(loaded.config, loaded.bundle, newClusterId(), true);
  const addresses = Object.fromEntries(
    plan.nodes.map(({ name }, index) => [name, `10.99.${index >> 8}.${index & 255}`]),
  );
  const templates = await readTemplates({ assetTree: (folder) => readTree(join(checkout, folder)) });
  const machine = { ramMib: 32_768, vcpus: 8 };
  const sizing = sizingOf({ master: machine, worker: machine, workers: plan.nodes.length - 1 });
  const inputs = { plan, config: loaded.config, sizing, templates };
  return {
    plan,
    userData: Object.fromEntries(plan.nodes.map((node) => [node.name, userData(inputs, node, addresses)])),
  };
}
