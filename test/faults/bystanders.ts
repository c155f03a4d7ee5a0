/** What others have in the same project: a cluster of a similar name, and things that are called as ours will be. */
import { publicKey } from "../support/rig.ts";
import type { SimulatedCloud } from "../support/cloud/cloud.ts";

const stranger = "00c0ffee00c0ffee";

/** Nothing hailstack does to cluster `c1` may touch any of it. */
export function addBystanders({ admin, state }: SimulatedCloud): void {
  const metadata = { cluster_name: "c10", hailstack_cluster_id: stranger };
  for (const name of ["c10-master", "c10-worker-01", "c1-master-old", "c1-worker-99"]) {
    admin.addServer(name).metadata = { ...metadata };
  }
  for (const name of ["c10-master-sg", "c1-master-sg-old", "xc1-worker-sg"]) {
    const group = admin.addSecurityGroup(name);
    group.description = `Master security group for c10 (hailstack:${stranger})`;
    admin.addRule(group.id, "tcp", 22);
  }
  for (const name of ["c10-master-port", "c1-master-port", "c1-worker-port-01"]) {
    admin.addPort("cloudforms_network", name).description = `hailstack:${stranger}`;
  }
  for (const name of ["c10-vol", "c1-vol", "c1-vol"]) admin.addVolume(name, 1).metadata = { ...metadata };
  admin.addFloatingIp(`hailstack:${stranger}`);
  admin.addFloatingIp("");
  admin.addKeypair("c10-keypair", publicKey);
  const other = crypto.randomUUID();
  state.users.set(other, { id: other, name: "other", password: crypto.randomUUID(), projectIds: [] });
  admin.addKeypair("c1-keypair", publicKey, "other");
  const owner = [...state.servers.values()][0];
  if (owner === undefined) throw new Error("the bystanders have a server");
  for (const name of [`c1-workers-${stranger}`, "c1-workers"]) {
    const id = crypto.randomUUID();
    const { projectId, userId } = owner;
    state.serverGroups.set(id, { id, name, policy: "soft-anti-affinity", rules: {}, projectId, userId });
  }
}
