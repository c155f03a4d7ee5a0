/** What `destroy` leaves behind: by wish, or because it was never the cluster's. */
import { afterEach, describe, expect, test } from "vitest";
import { named, openRig, succeeds, watched } from "./watched.ts";

const rig = await openRig();
const { admin, state } = rig.cloud;

/** A floating IP's address, as people write it. */
const textOf = ({ address }: { address: number }): string => `172.24.4.${address}`;

async function expectNoStack(): Promise<void> {
  expect(Object.keys(await rig.objects.etags())).not.toContain(".pulumi/stacks/hailstack/hailstack-c1.json");
  expect(rig.cloud.surprises).toEqual([]);
}
afterEach(expectNoStack);

describe("the volume that was made for the cluster", () => {
  const volume = { "volumes.create": true, "volumes.size_gb": 10 };

  test.for([
    { made: false, now: true, left: 1 },
    { made: true, now: false, left: 0 },
  ])("stays, or not, as the config says now: $now", async ({ made, now, left }) => {
    const before = rig.cloud.objects();
    rig.configure({ ...volume, "volumes.preserve_on_destroy": made });
    await succeeds(rig, "create");
    const [id = ""] = state.volumes.keys();
    rig.configure({ ...volume, "volumes.preserve_on_destroy": now });
    const run = await watched(rig, ["destroy", "--yes", "c1"]);

    expect(run.code).toBe(0);
    expect(state.volumes.size).toBe(left);
    expect(run.stdout.includes(`kept: volume c1-vol (${id})`)).toBe(now);
    // A volume must not be torn from a server that may still write to it.
    expect(run.writes.includes("compute.servers.action")).toBe(now);
    state.volumes.clear();
    expect(rig.cloud.objects()).toEqual(before);
  });
});

test("a volume and a floating IP that were there before are let go of", async () => {
  const volume = admin.addVolume("precious", 5);
  const address = admin.addFloatingIp("");
  const before = rig.cloud.objects();
  const given = textOf(address);
  rig.configure({ "volumes.existing_volume_id": volume.id, "cluster.floating_ip": given });
  const created = await rig.hailstack("create");

  expect([created.code, created.stdout]).toEqual([0, expect.stringContaining(`Master IP: ${given}`)]);
  expect(volume.attachment).not.toBeNull();

  const preview = await rig.hailstack("destroy", "--dry-run");
  expect(preview.stdout).toContain(`detached, not deleted:\n  floating IP ${given}\n  volume ${volume.id}`);

  const run = await rig.hailstack("destroy", "--yes", "c1");
  expect(run.code).toBe(0);
  expect(rig.cloud.objects()).toEqual(before);
  expect([volume.attachment, volume.status, address.portId]).toEqual([null, "available", null]);
  state.volumes.clear();
  state.floatingIps.clear();
});

test("things that users attached by hand are named and kept, and the exit code tells of them", async () => {
  rig.configure();
  await succeeds(rig, "create");
  const worker = named(state.servers)["c1-worker-01"];
  const volume = admin.addVolume("mine", 1);
  volume.attachment = { id: volume.id, serverId: worker?.id ?? "", device: "/dev/vdb", at: new Date() };
  volume.status = "in-use";
  const address = admin.addFloatingIp("");
  address.portId = worker?.portIds[0] ?? null;
  const run = await rig.hailstack("destroy", "--yes", "c1");

  expect(run.code).toBe(1);
  expect(run.stdout).toContain("Cluster 'c1' destroyed.");
  expect(run.stdout).toContain(`  volume ${volume.id}: attached by hand to c1-worker-01`);
  expect(run.stdout).toContain(`(${address.id}): associated by hand`);
  expect([[...state.volumes.keys()], [...state.floatingIps.keys()]]).toEqual([[volume.id], [address.id]]);
  state.volumes.clear();
  state.floatingIps.clear();
});

test("what an interrupted run left is shown first, and goes", async () => {
  const before = rig.cloud.objects();
  await succeeds(rig, "create");
  const { cluster_id: id } = JSON.parse(await rig.objects.get("hailstack/c1/identity.json"));
  const server = admin.addServer("c1-worker-07");
  server.metadata = { cluster_name: "c1", hailstack_cluster_id: id };
  const port = admin.addPort("cloudforms_network", "c1-worker-port-07");
  port.description = `hailstack:${id}`;
  port.groupIds = [named(state.securityGroups)["c1-worker-sg"]?.id ?? ""];
  const address = admin.addFloatingIp(`hailstack:${id}`);
  const bystander = admin.addServer("c1-worker-08");

  const preview = await watched(rig, ["destroy", "--dry-run"]);
  for (const line of ["server c1-worker-07", "port c1-worker-port-07", `floating IP ${textOf(address)}`]) {
    expect(preview.stdout).toContain(`  ${line}\n`);
  }
  expect(preview.stdout).not.toContain("c1-worker-08");
  expect(preview.writes).toEqual([]);

  expect((await rig.hailstack("destroy", "--yes", "c1")).code).toBe(0);
  expect([...state.servers.keys()]).toEqual([bystander.id]);
  admin.deleteServer(bystander.id);
  expect(rig.cloud.objects()).toEqual(before);
});
