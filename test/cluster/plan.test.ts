import { expect, test } from "vitest";
import { masterOf, plannedResources, workersOf, type PlannedAddress } from "../../src/cluster/plan.ts";
import { clusterId, image, planOf, publicKey, type Fields } from "../support/plans.ts";

const volumeId = "1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11";

test("a plan is the config and the bundle, in the words of what shall exist", () => {
  expect(planOf({ "cluster.num_workers": 1 }, true)).toMatchObject({
    cluster: "c1",
    cluster_id: clusterId,
    bundle_id: "hail-0.2.137-gnomad-3.0.4-r2",
    image,
    ssh_username: "ubuntu",
    public_keys: [publicKey],
    spread: true,
    monitoring: true,
  });
});

test("nodes and their ports are called as the contract calls them", () => {
  expect(planOf({ "cluster.num_workers": 1 }).nodes).toEqual([
    {
      name: "c1-master",
      short: "master",
      hostname: "c1-master",
      role: "master",
      flavour: "m2.medium",
      ports: [{ name: "c1-master-port", network: "cloudforms_network" }],
    },
    {
      name: "c1-worker-01",
      short: "worker-01",
      hostname: "c1-worker-01",
      role: "worker",
      flavour: "m2.small",
      ports: [{ name: "c1-worker-port-01", network: "cloudforms_network" }],
    },
  ]);
});

test("with a Lustre network every node has a second port, after its first", () => {
  const { nodes } = planOf({ "cluster.num_workers": 2, "cluster.lustre_network": "lustre_network" });
  expect(nodes.map(({ ports }) => ports.map(({ name, network }) => `${name} on ${network}`))).toEqual([
    ["c1-master-port on cloudforms_network", "c1-lustre-port-00 on lustre_network"],
    ["c1-worker-port-01 on cloudforms_network", "c1-lustre-port-01 on lustre_network"],
    ["c1-worker-port-02 on cloudforms_network", "c1-lustre-port-02 on lustre_network"],
  ]);
});

test.for<[string, Fields, unknown]>([
  ["none", {}, undefined],
  [
    "a new one",
    { "volumes.create": true, "volumes.size_gb": 7 },
    { kind: "new", name: "c1-vol", size_gb: 7, preserve_on_destroy: false },
  ],
  [
    "a new one with a name",
    { "volumes.create": true, "volumes.name": "data", "volumes.preserve_on_destroy": true },
    { kind: "new", name: "data", size_gb: 100, preserve_on_destroy: true },
  ],
  ["one that exists", { "volumes.existing_volume_id": volumeId }, { kind: "existing", id: volumeId, name: volumeId }],
  [
    "one that exists, by another name",
    { "volumes.existing_volume_id": volumeId, "volumes.name": "data" },
    { kind: "existing", id: volumeId, name: "data" },
  ],
])("the data volume: %s", ([, fields, volume]) => {
  expect(planOf(fields).volume).toEqual(volume);
});

test.for<[string, Fields, PlannedAddress]>([
  ["a given address", { "cluster.floating_ip": "192.0.2.10" }, { kind: "given", address: "192.0.2.10" }],
  [
    "the cluster's own pool",
    { "packer.base_image": "b", "packer.floating_ip_pool": "other" },
    { kind: "new", pool: "public" },
  ],
  [
    "the image build's pool where the cluster names none",
    { "cluster.floating_ip_pool": "", "packer.base_image": "b", "packer.floating_ip_pool": "other" },
    { kind: "new", pool: "other" },
  ],
  ["no pool, to be found", { "cluster.floating_ip_pool": "" }, { kind: "new", pool: "" }],
])("the master's address: %s", ([, fields, address]) => {
  expect(planOf(fields).floating_ip).toEqual(address);
});

test.for([
  ["netdata", true],
  ["none", false],
] as const)("monitoring %s is %s", ([word, on]) => {
  expect(planOf({ "cluster.monitoring": word }).monitoring).toBe(on);
});

test("the master comes first and the workers after it, in their order", () => {
  const plan = planOf({ "cluster.num_workers": 12 });
  expect(masterOf(plan)).toBe(plan.nodes[0]);
  expect(workersOf(plan)).toEqual(plan.nodes.slice(1));
  expect(workersOf(plan).at(-1)?.short).toBe("worker-12");
});

test("every resource has a logical name that no other of its kind has", () => {
  const plan = planOf({ "cluster.num_workers": 120, "cluster.lustre_network": "l", "volumes.create": true }, true);
  const names = plannedResources(plan).map(({ name, kind }) => `${kind} ${name}`);
  expect(new Set(names).size).toBe(names.length);
});
