/** Configs, plans, what a cloud says and what a state records, with only what a test cares for spelled out. */
import { join } from "node:path";
import type { Bundle } from "../../src/config/bundles.ts";
import { configSchema, type Config } from "../../src/config/schema.ts";
import type { CloudFacts } from "../../src/cluster/facts.ts";
import { stackOutputs, type Addresses } from "../../src/cluster/outputs.ts";
import type { NodeInputs } from "../../src/cluster/node-view.ts";
import { planCluster, plannedResources, type ClusterPlan } from "../../src/cluster/plan.ts";
import type { ClusterState, RecordedResource } from "../../src/cluster/state.ts";
import { sizingOf } from "../../src/cluster/sizing.ts";
import { readTemplates, type Templates } from "../../src/cluster/templates.ts";
import { readTree } from "../../src/host/read-tree.ts";
import { quotaKinds, type Image, type Port, type Quotas, type Server, type Volume } from "../../src/world.ts";
import { checkout } from "./checkout.ts";

export const clusterId = "0123456789abcdef";
export const publicKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIn1liHMNDGDsYkarULEIR291cwfGbEKRLv0+n/X1S1 test@example";
export const bundle: Bundle = {
  id: "hail-0.2.137-gnomad-3.0.4-r2",
  hail: "0.2.137",
  spark: "3.5.6",
  hadoop: "3.4.1",
  java: "11",
  python: "3.12",
  scala: "2.12.18",
  gnomad: "3.0.4",
  gnomad_package: "0.9.1",
  status: "latest",
  lock: "hail-0.2.137-gnomad-3.0.4-r2.txt",
  artifacts: [],
};
export const image = `hailstack-${bundle.id}`;

/** Values by dotted key over the smallest config that makes a cluster. */
export type Fields = Readonly<Record<string, unknown>>;

export function configOf(fields: Fields = {}): Config {
  const tables: Record<string, Record<string, unknown>> = {};
  const usual = {
    "cluster.name": "c1",
    "cluster.bundle": bundle.id,
    "cluster.master_flavour": "m2.medium",
    "cluster.worker_flavour": "m2.small",
    "cluster.floating_ip_pool": "public",
    "ssh_keys.public_keys": [publicKey],
  };
  for (const [dotted, value] of Object.entries({ ...usual, ...fields })) {
    const [table = "", key = "", inner] = dotted.split(".");
    tables[table] ??= {};
    if (inner === undefined) tables[table][key] = value;
    // A table within a table, as the security groups have them.
    else tables[table][key] = { ...(tables[table][key] as object | undefined), [inner]: value };
  }
  return configSchema.parse(tables);
}

export const planOf = (fields: Fields = {}, spread = false): ClusterPlan =>
  planCluster(configOf(fields), bundle, clusterId, spread);

/** Those that hailstack ships with. */
export const templates: Templates = await readTemplates({
  assetTree: (folder) => readTree(join(checkout, folder)),
});

/** What the files of a cluster's nodes are made from before anything is made; the machines have 8 cores and 32 GiB. */
export function inputsOf(fields: Fields = {}, more: Partial<NodeInputs> = {}): NodeInputs {
  const config = configOf(fields);
  const plan = planCluster(config, bundle, clusterId, false);
  const machine = { ramMib: 32_768, vcpus: 8 };
  const sizing = sizingOf({ master: machine, worker: machine, workers: config.cluster.num_workers });
  return { plan, config, sizing, templates, ...more };
}

/** 10.99.0.10 for the master, and so on. */
export const addressesOf = (plan: ClusterPlan): Addresses =>
  Object.fromEntries(plan.nodes.map(({ name }, index) => [name, `10.99.${index >> 8}.${(index & 255) + 10}`]));

export const external = (name: string) => ({ id: `${name}-id`, name, external: true, portSecurity: true });
export const internal = (name: string) => ({ id: `${name}-id`, name, external: false, portSecurity: true });

/** A cloud that has all a cluster needs, nothing in it, and room without end. */
export function factsOf(more: Partial<CloudFacts> = {}): CloudFacts {
  return {
    project_id: "p1",
    images: [imageOf()],
    flavours: [
      { id: "medium-id", name: "m2.medium", vcpus: 2, ramMib: 4096, diskGib: 12 },
      { id: "small-id", name: "m2.small", vcpus: 1, ramMib: 2048, diskGib: 8 },
    ],
    networks: [internal("cloudforms_network"), internal("lustre_network"), external("public")],
    floatingIps: [],
    keypairs: [],
    servers: [],
    ports: [],
    securityGroups: [],
    serverGroups: [],
    volumes: [],
    quotas: roomFor({}),
    ...more,
  };
}

/** Room for exactly this much of some kinds, of which 100 are in use; no limit on the others. */
export const roomFor = (left: Partial<Record<keyof Quotas, number>>): Quotas =>
  Object.fromEntries(
    quotaKinds.map((kind) => [kind, { used: 100, limit: left[kind] === undefined ? null : 100 + left[kind] }]),
  );

/** As a create has left it: ids are the names with `-id`, the volume's and attachment's as Cinder and Pulumi have them. */
export function stateOf(plan: ClusterPlan, more: Partial<ClusterState> = {}): ClusterState {
  const volumeId = plan.volume?.kind === "existing" ? plan.volume.id : `${plan.cluster}-vol-id`;
  const resources = plannedResources(plan).map(({ name, kind }): RecordedResource => {
    const id = { VolumeAttach: `${plan.cluster}-master-id/${volumeId}`, Keypair: name }[kind] ?? `${name}-id`;
    return {
      urn: `urn:${kind}::${name}`,
      name,
      kind,
      id,
      inputs: engineInputs(plan, kind),
      retained: false,
      unfinished: false,
    };
  });
  const made = { address: "172.24.4.101", addresses: addressesOf(plan), volume: plan.volume ? volumeId : "" };
  const outputs = stackOutputs(plan, { project_id: "p1", deployed_config: {} }, made);
  return { resources, pending: [], outputs, time: "2026-01-02T03:04:05Z", ...more };
}

function engineInputs({ volume, floating_ip, cluster }: ClusterPlan, kind: string): Record<string, unknown> {
  if (kind === "Volume" && volume?.kind === "new") return { name: volume.name, size: volume.size_gb };
  if (kind === "FloatingIpAssociate" && floating_ip.kind === "given") {
    return { floatingIp: floating_ip.address, portId: `${cluster}-master-port-id` };
  }
  return kind === "FloatingIp" ? { portId: `${cluster}-master-port-id` } : {};
}

/** The cloud as it is after that create. */
export function factsAfter(plan: ClusterPlan, more: Partial<CloudFacts> = {}): CloudFacts {
  const { cluster } = plan;
  const volumeId = stateOf(plan).outputs?.attached_volume_id;
  const address = stateOf(plan).outputs?.master_public_ip ?? "";
  return factsOf({
    servers: plan.nodes.map(({ name, role }) =>
      serverOf({ id: `${name}-id`, name, volumeIds: volumeId && role === "master" ? [volumeId] : [] }),
    ),
    ports: plan.nodes.flatMap(({ name, ports }) =>
      ports.map((port) => portOf({ id: `${port.name}-id`, name: port.name, deviceId: `${name}-id` })),
    ),
    securityGroups: (["master", "worker"] as const).map((role) => ({
      id: `${cluster}-${role}-sg-id`,
      name: `${cluster}-${role}-sg`,
      description: `(hailstack:${clusterId})`,
      rules: plan.rules
        .filter((rule) => rule.role === role)
        .map(({ name }) => ({ id: `${name}-id`, description: `hailstack:${clusterId}` })),
    })),
    serverGroups: plan.spread ? [{ id: `${cluster}-workers-id`, name: `${cluster}-workers-${clusterId}` }] : [],
    keypairs: [{ name: `${cluster}-keypair`, publicKey, fingerprint: "f" }],
    floatingIps: [
      {
        id: `${cluster}-fip-id`,
        address: plan.floating_ip.kind === "given" ? plan.floating_ip.address : address,
        portId: `${cluster}-master-port-id`,
        poolId: "public-id",
        projectId: "p1",
        description: `hailstack:${clusterId}`,
      },
    ],
    volumes: volumeId
      ? [
          volumeOf({
            id: volumeId,
            status: "in-use",
            attachedTo: [{ serverId: `${cluster}-master-id`, device: "/dev/vdb" }],
          }),
        ]
      : [],
    ...more,
  });
}

/** An own one of the bundle, usable. */
export const imageOf = (more: Partial<Image> = {}): Image => ({
  id: "image-id",
  name: image,
  status: "active",
  minDiskGib: 4,
  minRamMib: 512,
  createdAt: "2026-01-02T03:04:05Z",
  visibility: "private",
  ownerId: "p1",
  properties: {},
  ...more,
});

export const serverOf = (more: Partial<Server>): Server => ({
  id: "s",
  name: "s",
  status: "ACTIVE",
  metadata: { cluster_name: "c1", hailstack_cluster_id: clusterId },
  flavour: "m2.small",
  vcpus: 1,
  ramMib: 2048,
  addresses: [],
  volumeIds: [],
  createdAt: "2026-01-02T03:04:05Z",
  ...more,
});
export const portOf = (more: Partial<Port>): Port => ({
  id: "p",
  name: "p",
  networkId: "cloudforms_network-id",
  deviceId: "",
  addresses: [],
  description: `hailstack:${clusterId}`,
  securityGroupIds: [],
  ...more,
});
export const volumeOf = (more: Partial<Volume>): Volume => ({
  id: "v",
  name: "v",
  sizeGib: 100,
  status: "available",
  attachedTo: [],
  metadata: {},
  ...more,
});
