/** What the state says of a cluster: written at the end of every create, read by every other command. */
import * as z from "zod/mini";
import { masterOf, workersOf, type ClusterPlan } from "./plan.ts";

/** Private IPv4 address by node name. */
export type Addresses = Readonly<Record<string, string>>;

/** What a run knows beside the plan and must be able to compare later. */
export type Recorded = {
  project_id: string;
  /** config/live.ts: the fields whose change on a live cluster matters. */
  deployed_config: Readonly<Record<string, unknown>>;
};

/** Stack outputs by name; the first eleven are the contract's. */
const fields = z.object({
  master_public_ip: z.string(),
  master_private_ip: z.string(),
  worker_private_ips: z.array(z.string()),
  worker_names: z.array(z.string()),
  cluster_name: z.string(),
  bundle_id: z.string(),
  master_flavour: z.string(),
  worker_flavour: z.string(),
  num_workers: z.number(),
  monitoring_enabled: z.boolean(),
  /** GiB; 0 when the volume is not ours. */
  managed_volume_size_gb: z.number(),
  attached_volume_id: z.optional(z.string()),
  attached_volume_name: z.optional(z.string()),
  cluster_id: z.string(),
  project_id: z.string(),
  ssh_username: z.string(),
  deployed_config: z.record(z.string(), z.unknown()),
});
/** Each worker has its name and its address at the same place. */
export const Outputs = fields.check(
  z.refine(({ worker_names, worker_private_ips }) => worker_names.length === worker_private_ips.length, {
    path: ["worker_private_ips"],
  }),
);
export type Outputs = z.infer<typeof fields>;

export function stackOutputs(
  plan: ClusterPlan,
  { project_id, deployed_config }: Recorded,
  made: { address: string; addresses: Addresses; volume: string },
): Outputs {
  const master = masterOf(plan);
  const workers = workersOf(plan);
  const { volume } = plan;
  return {
    master_public_ip: made.address,
    master_private_ip: made.addresses[master.name] ?? "",
    worker_private_ips: workers.map((worker) => made.addresses[worker.name] ?? ""),
    worker_names: workers.map((worker) => worker.name),
    cluster_name: plan.cluster,
    bundle_id: plan.bundle_id,
    master_flavour: master.flavour,
    worker_flavour: workers[0]?.flavour ?? master.flavour,
    num_workers: workers.length,
    monitoring_enabled: plan.monitoring,
    managed_volume_size_gb: volume?.kind === "new" ? volume.size_gb : 0,
    ...(volume ? { attached_volume_id: made.volume, attached_volume_name: volume.name } : {}),
    cluster_id: plan.cluster_id,
    project_id,
    ssh_username: plan.ssh_username,
    deployed_config,
  };
}

/** What the nodes of a cluster that is up know each other by. */
export const addressesOf = (outputs: Outputs, master: string): Addresses => ({
  [master]: outputs.master_private_ip,
  ...Object.fromEntries(outputs.worker_names.map((name, index) => [name, outputs.worker_private_ips[index] ?? ""])),
});
