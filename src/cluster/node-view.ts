/** Everything that the templates of a node's files may show, by name. */
import type { Config } from "../config/schema.ts";
import type { WebCertificate } from "../config/web-certificate.ts";
import type { Role } from "./firewall.ts";
import type { Addresses, Outputs } from "./outputs.ts";
import { masterOf, workersOf, type ClusterPlan, type PlannedNode } from "./plan.ts";
import type { Sizing } from "./sizing.ts";
import type { Templates } from "./templates.ts";
import type { WebLogin } from "./web-login.ts";

/** What the files of all nodes are made from; what is left out is not known yet, or not for this channel. */
export type NodeInputs = {
  plan: ClusterPlan;
  config: Config;
  sizing: Sizing;
  templates: Templates;
  secrets?: NodeSecrets;
  web?: WebLogin;
  /** The operator's own, in place of one that signs itself. */
  certificate?: WebCertificate;
  /** The floating IP. */
  publicAddress?: string;
  /** Cinder's id of the data volume; the plan knows only that of an existing one. */
  volumeId?: string;
  /** Host names of workers that shall take no new work and no new blocks. */
  draining?: readonly string[];
};

/** With what is known once the servers are made. */
export const asMade = (inputs: NodeInputs, { master_public_ip, attached_volume_id }: Outputs): NodeInputs => ({
  ...inputs,
  publicAddress: master_public_ip,
  ...(attached_volume_id ? { volumeId: attached_volume_id } : {}),
});

/** Kept with the cluster and the same at every run. */
export type NodeSecrets = {
  /** What Spark's daemons, drivers and executors prove to each other that they know. */
  spark_secret: string;
  /** A UUID: what Netdata's children show to their parent. */
  netdata_key: string;
  /** Opens the encrypted data volume; absent without one. */
  volume_password?: string;
};

/** Every node, as every other one sees it. */
export type NodeSummary = {
  name: string;
  hostname: string;
  short: string;
  number: string;
  address: string;
  role: Role;
};

export type NodeView = {
  cluster: { name: string; id: string; bundle_id: string };
  ssh_username: string;
  node: NodeSummary & { is_master: boolean };
  master: { hostname: string; address: string; public_address: string };
  workers: readonly NodeSummary[];
  /** The master first. */
  nodes: readonly NodeSummary[];
  worker_count: number;
  /** Netdata's patterns of every node's address, with spaces between them. */
  address_patterns: string;
  /** Workers' host names are this and a number of at least two digits. */
  worker_prefix: string;
  draining: readonly { hostname: string }[];
  sizing: Sizing;
  /** Where s3a:// leads; the keys are absent in user data. `endpoint` begins with its scheme. */
  s3: { endpoint: string; ssl: boolean; access_key?: string; secret_key?: string } | null;
  dns: { search_domains: string };
  extras: { system_packages: readonly string[]; python_packages: readonly string[] };
  monitoring: boolean;
  /** Ports that the config opens to the outside, beside their pages on 443. */
  exposed: { jupyter: boolean; netdata: boolean };
  /** `size_gb` is 0 for an existing one, whose size is its owner's business. */
  volume: { id: string; mount: string; kind: "new" | "existing"; size_gb: number } | null;
  lustre: { target: string } | null;
  secrets: NodeSecrets | null;
  /** Hashes, which may be in user data. */
  web: WebLogin | null;
  own_certificate: boolean;
  certificate: WebCertificate | null;
};

/** `channel` "user data" leaves out everything secret, so that no template can put it there by mistake. */
export function nodeView(
  inputs: NodeInputs,
  addresses: Addresses,
  channel: "user data" | "ssh",
): (node: PlannedNode) => NodeView {
  const shared = clusterView(inputs, addresses, channel);
  return (node) => ({ ...shared, node: { ...summary(node, addresses), is_master: node.role === "master" } });
}

function clusterView(inputs: NodeInputs, addresses: Addresses, channel: "user data" | "ssh"): Omit<NodeView, "node"> {
  const { plan, config, sizing, publicAddress = "", draining = [] } = inputs;
  const ssh = channel === "ssh";
  const { hostname, address } = summary(masterOf(plan), addresses);
  const workers = workersOf(plan).map((worker) => summary(worker, addresses));
  const { jupyter, netdata } = config.security_groups.master;
  return {
    cluster: { name: plan.cluster, id: plan.cluster_id, bundle_id: plan.bundle_id },
    ssh_username: plan.ssh_username,
    master: { hostname, address, public_address: publicAddress },
    workers,
    nodes: plan.nodes.map((node) => summary(node, addresses)),
    worker_count: workers.length,
    address_patterns: addressPatterns(Object.values(addresses)),
    worker_prefix: workers[0]?.hostname.replace(/\d+$/, "") ?? "",
    draining: draining.map((name) => ({ hostname: name })),
    sizing,
    s3: dataStore(config, ssh),
    dns: config.dns,
    extras: config.extras,
    monitoring: plan.monitoring,
    exposed: { jupyter, netdata: netdata && plan.monitoring },
    volume: dataVolume(inputs),
    lustre: config.cluster.lustre_network ? { target: config.cluster.lustre_mount_target } : null,
    secrets: ssh ? (inputs.secrets ?? null) : null,
    web: inputs.web ?? null,
    own_certificate: inputs.certificate !== undefined,
    certificate: ssh ? (inputs.certificate ?? null) : null,
  };
}

function summary({ name, hostname, short, role }: PlannedNode, addresses: Addresses): NodeSummary {
  const number = role === "master" ? "00" : short.slice("worker-".length);
  return { name, hostname, short, number, role, address: addresses[name] ?? "" };
}

/** `10.0.0.*`, or `10.0.*` where there would be many: Netdata cuts long lines off. */
function addressPatterns(all: readonly string[]): string {
  const beginnings = (octets: number): string[] =>
    [...new Set(all.map((address) => address.split(".").slice(0, octets).join(".")))].toSorted();
  const narrow = beginnings(3);
  return (narrow.length <= 16 ? narrow : beginnings(2)).map((beginning) => `${beginning}.*`).join(" ");
}

function dataStore({ s3 }: Config, withKeys: boolean): NodeView["s3"] {
  if (!s3.endpoint) return null;
  const { access_key, secret_key } = s3;
  const endpoint = /^https?:\/\//.test(s3.endpoint) ? s3.endpoint : `https://${s3.endpoint}`;
  return { endpoint, ssl: endpoint.startsWith("https:"), ...(withKeys ? { access_key, secret_key } : {}) };
}

function dataVolume({ plan: { volume, ssh_username }, volumeId }: NodeInputs): NodeView["volume"] {
  // A new one has no id before its server is there: user data comes without it, SSH brings it.
  const id = volumeId ?? (volume?.kind === "existing" ? volume.id : undefined);
  if (!volume || !id) return null;
  const size_gb = volume.kind === "new" ? volume.size_gb : 0;
  return { id, kind: volume.kind, mount: `/home/${ssh_username}/data`, size_gb };
}
