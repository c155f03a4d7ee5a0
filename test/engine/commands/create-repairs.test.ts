/** `create` on a cluster that other hands have been at. */
import { afterEach, expect, test } from "vitest";
import { named, openRig, succeeds, watched } from "./watched.ts";

const rig = await openRig({ fields: { "volumes.create": true, "volumes.size_gb": 10 } });
const { admin, state } = rig.cloud;
await succeeds(rig, "create");
const whole = counts();
/** Operations of the writes, each once. */
const kinds = (writes: string[]) => [...new Set(writes)];

function counts(): Record<string, number> {
  return Object.fromEntries(Object.entries(rig.cloud.objects()).map(([kind, ids]) => [kind, ids.length]));
}
const first = <T>(items: ReadonlyMap<string, T>): T => {
  const [item] = items.values();
  if (item === undefined) throw new Error("the cloud has none");
  return item;
};

async function expectWhole(): Promise<void> {
  expect(counts()).toEqual(whole);
  const again = await watched(rig, ["create"]);
  expect([again.code, again.writes]).toEqual([0, []]);
}
afterEach(expectWhole);

test("a worker deleted by hand is made again, and nothing else", async () => {
  const worker = named(state.servers)["c1-worker-02"];
  admin.deleteServer(worker?.id ?? "");
  const run = await watched(rig, ["create"]);

  expect(run.code).toBe(0);
  expect(kinds(run.writes)).toEqual(["compute.servers.create"]);
  expect(named(state.servers)["c1-worker-02"]?.portIds).toEqual(worker?.portIds);
});

test("what an interrupted run left goes first, and only what carries the cluster's mark", async () => {
  const { cluster_id: id } = JSON.parse(await rig.objects.get("hailstack/c1/identity.json"));
  const server = admin.addServer("c1-worker-09");
  server.metadata = { cluster_name: "c1", hailstack_cluster_id: id };
  const port = admin.addPort("cloudforms_network", "c1-worker-port-09");
  port.description = `hailstack:${id}`;
  const bystander = admin.addServer("c1-worker-10");
  const run = await watched(rig, ["create"]);

  expect([run.code, run.writes]).toEqual([0, ["compute.servers.delete", "network.ports.delete"]]);
  expect(run.stderr).toContain("removed server c1-worker-09, which no state knew");
  expect(state.servers.has(bystander.id)).toBe(true);
  admin.deleteServer(bystander.id);
});

test("a rule deleted by hand is made again", async () => {
  const rule = [...state.rules.values()].find(({ portMin }) => portMin === 22);
  state.rules.delete(rule?.id ?? "");
  const run = await watched(rig, ["create"]);

  expect([run.code, kinds(run.writes)]).toEqual([0, ["network.security-group-rules.create"]]);
});

test("a floating IP taken off the master is put back", async () => {
  const address = first(state.floatingIps);
  const { portId } = address;
  address.portId = null;
  const run = await watched(rig, ["create"]);

  expect([run.code, kinds(run.writes)]).toEqual([0, ["network.floatingips.update"]]);
  expect(address.portId).toBe(portId);
});

test("a volume taken off the master is put back", async () => {
  const volume = first(state.volumes);
  volume.attachment = null;
  volume.status = "available";
  const run = await watched(rig, ["create"]);

  expect([run.code, kinds(run.writes)]).toEqual([0, ["compute.attachments.create"]]);
  expect(first(state.volumes).id).toBe(volume.id);
});

test("a volume deleted by hand is made anew, empty, only when somebody says so", async () => {
  state.volumes.clear();
  const asked = await watched(rig, ["create"]);

  expect(asked.code).toBe(2);
  expect(asked.stderr).toContain("c1-vol was deleted behind hailstack's back. Make it anew, empty?");
  expect(asked.stderr).toContain("--yes");
  expect(asked.writes).toEqual([]);

  const run = await watched(rig, ["create", "--yes"]);
  expect([run.code, kinds(run.writes)]).toEqual([0, ["compute.attachments.create", "volume.volumes.create"]]);
});

test("a whole cloud that is empty is filled again only when somebody says so", async () => {
  emptyCloud();
  const asked = await watched(rig, ["create"]);

  expect(asked.code).toBe(2);
  expect(asked.stderr).toContain("c1-master, c1-vol was deleted behind hailstack's back");
  expect(asked.writes).toEqual([]);

  expect((await rig.hailstack("create", "--yes")).code).toBe(0);
});

/** As an administrator's clean-up leaves a project: only its default group is there. */
function emptyCloud(): void {
  for (const items of [
    state.servers,
    state.ports,
    state.floatingIps,
    state.volumes,
    state.keypairs,
    state.serverGroups,
  ])
    items.clear();
  const groups = [...state.securityGroups.values()].filter(({ name }) => name !== "default");
  for (const { id } of groups) state.securityGroups.delete(id);
  for (const { id, groupId } of state.rules.values()) if (!state.securityGroups.has(groupId)) state.rules.delete(id);
}
