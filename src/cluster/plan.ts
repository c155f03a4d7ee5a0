/** Config × bundle → everything that shall exist, as plain data. Nothing here knows Pulumi or a cloud. */
import type { Bundle } from "../config/bundles.ts";
import type { Config } from "../config/schema.ts";
import { firewallRules, type PlannedRule, type Role } from "./firewall.ts";
import { hostLabel } from "../config/host-label.ts";
import { workerName } from "./names.ts";

export type PlannedPort = {
  /** Logical and Neutron name: `c1-worker-port-01`. */
  name: string;
  /** Network name, as the config has it. */
  network: string;
};
export type PlannedNode = {
  /** Server and resource name: `c1-worker-01`. */
  name: string;
  /** What people and status call it: `worker-01`. */
  short: string;
  hostname: string;
  role: Role;
  flavour: string;
  /** The management port comes first. */
  ports: PlannedPort[];
};
export type PlannedVolume =
  | { kind: "new"; name: string; size_gb: number; preserve_on_destroy: boolean }
  | { kind: "existing"; id: string; name: string };
export type PlannedAddress = { kind: "given"; address: string } | { kind: "new"; pool: string };

export type ClusterPlan = {
  cluster: string;
  cluster_id: string;
  bundle_id: string;
  /** Glance name. */
  image: string;
  ssh_username: string;
  public_keys: readonly string[];
  nodes: PlannedNode[];
  rules: PlannedRule[];
  volume?: PlannedVolume;
  floating_ip: PlannedAddress;
  /** Ask Nova to keep workers on different hosts where it can. */
  spread: boolean;
  monitoring: boolean;
};

export const imageName = (bundleId: string): string => `hailstack-${bundleId}`;

/** `spread` is what "auto" comes to on this cloud. */
export function planCluster(config: Config, bundle: Bundle, clusterId: string, spread: boolean): ClusterPlan {
  const { cluster, volumes, packer } = config;
  const volume = planVolume(config);
  return {
    cluster: cluster.name,
    cluster_id: clusterId,
    bundle_id: bundle.id,
    image: imageName(bundle.id),
    ssh_username: cluster.ssh_username,
    public_keys: config.ssh_keys.public_keys,
    nodes: planNodes(config),
    rules: firewallRules(config),
    ...(volume ? { volume } : {}),
    floating_ip: cluster.floating_ip
      ? { kind: "given", address: cluster.floating_ip }
      : { kind: "new", pool: cluster.floating_ip_pool || packer?.floating_ip_pool || "" },
    spread,
    monitoring: cluster.monitoring === "netdata",
  };

  function planVolume({ cluster: { name } }: Config): PlannedVolume | undefined {
    if (volumes.existing_volume_id) {
      return { kind: "existing", id: volumes.existing_volume_id, name: volumes.name || volumes.existing_volume_id };
    }
    if (!volumes.create) return undefined;
    const { size_gb, preserve_on_destroy } = volumes;
    return { kind: "new", name: volumes.name || `${name}-vol`, size_gb, preserve_on_destroy };
  }
}

function planNodes({ cluster }: Config): PlannedNode[] {
  const { name, network_name, lustre_network } = cluster;
  const node = (role: Role, short: string, flavour: string, port: string, number: string): PlannedNode => ({
    name: `${name}-${short}`,
    short,
    hostname: hostLabel(`${name}-${short}`),
    role,
    flavour,
    ports: [
      { name: `${name}-${port}`, network: network_name },
      ...(lustre_network ? [{ name: `${name}-lustre-port-${number}`, network: lustre_network }] : []),
    ],
  });
  const workers = Array.from({ length: cluster.num_workers }, (_, index) => {
    const short = workerName(index + 1);
    const number = short.slice("worker-".length);
    return node("worker", short, cluster.worker_flavour, `worker-port-${number}`, number);
  });
  return [node("master", "master", cluster.master_flavour, "master-port", "00"), ...workers];
}

export const workersOf = (plan: ClusterPlan): PlannedNode[] => plan.nodes.filter((node) => node.role === "worker");
export function masterOf(plan: ClusterPlan): PlannedNode {
  const master = plan.nodes.find((node) => node.role === "master");
  if (!master) throw new Error("a plan always has a master");
  return master;
}

/** Logical name and kind of everything the plan comes to, in the words of its checkpoint. */
export function plannedResources(plan: ClusterPlan): { name: string; kind: string }[] {
  const { cluster, nodes, rules, volume, floating_ip, spread } = plan;
  const of = (kind: string, names: readonly string[]) => names.map((name) => ({ name, kind }));
  return [
    ...of("Keypair", [`${cluster}-keypair`]),
    ...of("SecGroup", [`${cluster}-master-sg`, `${cluster}-worker-sg`]),
    ...of(
      "SecGroupRule",
      rules.map(({ name }) => name),
    ),
    ...of("ServerGroup", spread ? [`${cluster}-workers`] : []),
    ...of(
      "Port",
      nodes.flatMap(({ ports }) => ports.map(({ name }) => name)),
    ),
    ...of(
      "Instance",
      nodes.map(({ name }) => name),
    ),
    ...of("Volume", volume?.kind === "new" ? [`${cluster}-vol`] : []),
    ...of("VolumeAttach", volume ? [`${cluster}-vol-attach`] : []),
    ...of(floating_ip.kind === "new" ? "FloatingIp" : "FloatingIpAssociate", [`${cluster}-fip`]),
  ];
}
