/** `create` on a healthy cloud: the first time, again, and after every change of config that a live cluster can take. */
import { describe, expect, test } from "vitest";
import { publicKey } from "../../support/rig.ts";
import { bare } from "../../support/ssh-server.ts";
import { named, openRig, resultOf, slugs, watched } from "./watched.ts";

const volume = { "volumes.create": true, "volumes.size_gb": 10 };
const rig = await openRig({ fields: volume });
const { state } = rig.cloud;
const servers = () => named(state.servers);
/** Host keys as they are kept: every server has the same one here. */
const pinned = (ids: readonly (string | undefined)[]) =>
  ids
    .map((id) => `${id} ${bare(publicKey)}\n`)
    .toSorted()
    .join("");
const serverIds = () => [...state.servers.keys()].sort();

describe("a first create", () => {
  test("makes exactly what the dry run planned", async () => {
    const empty = rig.cloud.objects();
    const planned = resultOf(await rig.hailstack("create", "--dry-run", "--json"));
    const run = await watched(rig, ["create", "--json"]);

    expect(run.code).toBe(0);
    const result = resultOf(run);
    expect(result.changes).toEqual(planned.changes);
    expect(result.changes).toMatchObject({ update: 0, delete: 0, replace: 0 });
    const made = Object.entries(rig.cloud.objects()).map(([kind, ids]) => [
      kind,
      ids.length - (empty[kind]?.length ?? 0),
    ]);
    // Neutron gives each of the two groups two rules of its own.
    expect(Object.fromEntries(made)).toEqual({
      keypairs: 1,
      serverGroups: 1,
      securityGroups: 2,
      rules: 12 + 2 * 2,
      ports: 3,
      floatingIps: 1,
      volumes: 1,
      servers: 3,
      images: 0,
      credentials: 0,
    });
  });

  test("marks every thing with the cluster's name and id", async () => {
    const { cluster_id: id } = JSON.parse(await rig.objects.get("hailstack/c1/identity.json"));
    const mark = `hailstack:${id}`;

    expect(id).toMatch(/^[0-9a-f]{16}$/);
    for (const server of state.servers.values()) {
      expect(server.metadata).toMatchObject({ cluster_name: "c1", hailstack_cluster_id: id });
      expect(server.tags).toEqual(["c1"]);
    }
    const groups = [...state.securityGroups.values()].filter(({ name }) => name !== "default");
    const rules = [...state.rules.values()].filter(({ description }) => description === mark);
    expect(groups.map(({ description }) => description?.endsWith(`(${mark})`))).toEqual([true, true]);
    expect(rules).toHaveLength(12);
    for (const thing of [...groups, ...state.ports.values(), ...state.floatingIps.values()]) {
      expect(thing.tags).toEqual(["c1", mark]);
    }
    expect([...state.volumes.values()][0]?.metadata).toEqual({ cluster_name: "c1", hailstack_cluster_id: id });
    expect([...state.serverGroups.values()][0]?.name).toBe(`c1-workers-${id}`);
    expect([...state.keypairs.values()][0]).toMatchObject({ name: "c1-keypair", publicKey });
  });

  test("opens the master's address to the floating IP and the volume to the master", () => {
    const { "c1-master": master } = servers();
    const [address] = state.floatingIps.values();
    const [disk] = state.volumes.values();

    expect(master?.portIds).toContain(address?.portId);
    expect(disk?.attachment?.serverId).toBe(master?.id);
  });
});

test("a second create changes nothing and writes nothing to the cloud", async () => {
  const run = await watched(rig, ["create"]);

  expect(run.code).toBe(0);
  expect(run.stdout).toContain("Cluster 'c1': 0 changes. Master IP: ");
  expect(run.writes).toEqual([]);
});

test("one more worker is a port and a server, and touches nobody else", async () => {
  const before = rig.cloud.objects();
  rig.configure({ "cluster.num_workers": 3 });
  const run = await watched(rig, ["create"]);

  expect(run.code).toBe(0);
  expect(run.stdout).toContain("2 created");
  expect([...new Set(run.writes)]).toEqual(["compute.servers.create", "network.ports.create", "network.ports.tag"]);
  const after = rig.cloud.objects();
  expect(after.servers).toEqual(expect.arrayContaining(before.servers ?? []));
  expect(Object.keys(servers()).sort()).toEqual(["c1-master", "c1-worker-01", "c1-worker-02", "c1-worker-03"]);
  expect(after.ports).toHaveLength(4);
});

describe("fewer workers", () => {
  const fewer = { "cluster.num_workers": 1 };

  test("are refused where nobody can be asked", async () => {
    rig.configure(fewer);
    const run = await watched(rig, ["create"]);

    expect(run.code).toBe(2);
    expect(run.stderr).toContain("Remove c1-worker-02, c1-worker-03 and what is on their disks?");
    expect(run.stderr).toContain("--yes");
    expect(run.writes).toEqual([]);
  });

  test("are refused with a no", async () => {
    const run = await watched(rig, () => rig.onTerminal({ after: "[y/N]", keys: "n\r" }, "create"));

    expect(run.code).toBe(1);
    expect(run.stdout).toContain("error[aborted]");
    expect(run.writes).toEqual([]);
  });

  test("lose the highest numbers, with --yes", async () => {
    const kept = [servers()["c1-master"]?.id, servers()["c1-worker-01"]?.id].sort();
    await rig.objects.put("hailstack/c1/known_hosts", pinned(serverIds()));
    const run = await watched(rig, ["create", "--yes"]);

    expect(run.code).toBe(0);
    expect(run.stdout).toContain("4 deleted");
    expect(run.stderr).toMatch(/warning\[not-drained\]: c1-worker-02, c1-worker-03 go without being drained: /);
    expect(await rig.objects.get("hailstack/c1/known_hosts")).toBe(pinned(kept));
    expect(serverIds()).toEqual(kept);
    expect(state.ports.size).toBe(2);
    expect(run.writes).toEqual([
      "compute.servers.delete",
      "compute.servers.delete",
      "network.ports.delete",
      "network.ports.delete",
    ]);
  });
});

describe("what would need another server or volume", () => {
  const one = { "cluster.num_workers": 1 };
  const otherKey = publicKey.replace("IIIn", "IJJn");

  test.for([
    { field: "cluster.master_flavour", value: "m2.large" },
    { field: "cluster.worker_flavour", value: "m2.medium" },
    { field: "cluster.bundle", value: "hail-0.2.136-gnomad-3.0.4-r1" },
    { field: "cluster.network_name", value: "lustre_network" },
    { field: "cluster.lustre_network", value: "lustre_network" },
    { field: "cluster.ssh_username", value: "debian" },
    { field: "cluster.monitoring", value: "none" },
    { field: "cluster.spread", value: "off" },
    { field: "dns.search_domains", value: "example.org" },
    { field: "ssh_keys.public_keys", value: [otherKey] },
    { field: "volumes.create", value: false },
    { field: "volumes.size_gb", value: 9 },
  ])("is refused: $field", async ({ field, value }) => {
    rig.configure({ ...one, [field]: value });
    const run = await watched(rig, ["create", "--yes"]);

    expect(run.code).toBe(3);
    expect(slugs(run)).toContain("live-change");
    expect(run.stderr).toContain(`${field} cannot change on a live cluster: deployed `);
    expect(run.stderr).toMatch(/fix: set \S+ back to .*, or destroy the cluster/);
    expect([run.writes, run.stored]).toEqual([[], []]);
  });

  test("is refused all at once", async () => {
    rig.configure({ ...one, "cluster.master_flavour": "m2.large", "cluster.spread": "off", "volumes.size_gb": 1 });
    const run = await rig.hailstack("create", "--yes");

    expect(run.code).toBe(3);
    expect(slugs(run)).toEqual(["live-change", "live-change", "live-change"]);
  });
});

describe("a change in place", () => {
  const one = { "cluster.num_workers": 1 };

  test("exchanges the rules for another range", async () => {
    const before = serverIds();
    rig.configure({ ...one, "security_groups.allowed_cidrs": ["192.0.2.0/24"] });
    const run = await watched(rig, ["create"]);

    expect(run.code).toBe(0);
    expect([...new Set(run.writes)]).toEqual([
      "network.security-group-rules.create",
      "network.security-group-rules.delete",
    ]);
    const prefixes = [...state.rules.values()].map(({ prefix }) => prefix).filter((prefix) => prefix !== null);
    expect([...new Set(prefixes)]).toEqual(["192.0.2.0/24"]);
    expect(serverIds()).toEqual(before);
  });

  test("makes the volume larger and gives it its new name", async () => {
    const [before] = state.volumes.keys();
    rig.configure({ ...one, "volumes.size_gb": 20, "volumes.name": "genomes" });
    const run = await watched(rig, ["create"]);

    expect(run.code).toBe(0);
    expect([...state.volumes.values()]).toMatchObject([{ id: before, sizeGib: 20, name: "genomes" }]);
    expect(run.stdout).toContain("1 changed");
  });

  test("of volumes.preserve_on_destroy waits for destroy", async () => {
    rig.configure({ ...one, "volumes.size_gb": 20, "volumes.name": "genomes", "volumes.preserve_on_destroy": true });
    const run = await watched(rig, ["create"]);

    expect(run.code).toBe(0);
    expect(run.stdout).toContain("0 changes");
    expect(run.writes).toEqual([]);
  });
});

test("nothing of all this surprised the cloud", () => {
  expect(rig.cloud.surprises).toEqual([]);
});
