/**
 * The same resources through the Automation API as its documentation shows it: an inline program, the stack made and
 * brought up straight on the bucket, nothing of hailstack's. A process of its own; what to make comes as the file
 * that the only argument names.
 */
import { readFileSync } from "node:fs";
import * as openstack from "@pulumi/openstack";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, type InlineProgramArgs } from "@pulumi/pulumi/automation/index.js";
import type { Role } from "../../src/cluster/firewall.ts";
import type { PlannedNode } from "../../src/cluster/plan.ts";
import type { Lookup } from "./cloud-child.ts";
import type { Planned } from "./planned.ts";

export type BareTask = Planned & { lookup: Lookup; pool: string; backendUrl: string };

const [, , path = ""] = process.argv;
// Written by create20-simulated.ts from a value of this type.
const task = JSON.parse(readFileSync(path, "utf8")) as BareTask;
const { plan, lookup, pool, backendUrl } = task;

/** The SDK on npm has `policies` as a list; the provider behind the plugin wants one string. */
class ServerGroup extends pulumi.CustomResource {
  constructor(name: string, args: { name: string; policies: string }) {
    super("openstack:compute/serverGroup:ServerGroup", name, args);
  }
}

const tags = [plan.cluster, plan.cluster_id];

async function program(): Promise<Record<string, unknown>> {
  const groupOf = (role: Role) =>
    new openstack.networking.SecGroup(`${plan.cluster}-${role}-sg`, { name: `${plan.cluster}-${role}-sg`, tags });
  const groups: Record<Role, openstack.networking.SecGroup> = { master: groupOf("master"), worker: groupOf("worker") };
  const rules = plan.rules.map(
    ({ name, role, ports, from }) =>
      new openstack.networking.SecGroupRule(name, {
        direction: "ingress",
        ethertype: "IPv4",
        protocol: "tcp",
        ...(ports ? { portRangeMin: ports[0], portRangeMax: ports[1] } : {}),
        securityGroupId: groups[role].id,
        ...("cidr" in from ? { remoteIpPrefix: from.cidr } : { remoteGroupId: groups[from.group].id }),
      }),
  );
  const keypair = new openstack.compute.Keypair(`${plan.cluster}-keypair`, {
    name: `${plan.cluster}-keypair`,
    publicKey: plan.public_keys[0] ?? "",
  });
  const spread = new ServerGroup(`${plan.cluster}-workers`, {
    name: `${plan.cluster}-workers`,
    policies: "soft-anti-affinity",
  });
  const ports = plan.nodes.map(
    ({ role, ports: [port] }) =>
      new openstack.networking.Port(port?.name ?? "", {
        name: port?.name ?? "",
        networkId: lookup.networkId,
        securityGroupIds: [groups[role].id],
        tags,
      }),
  );
  const addresses = pulumi.all(ports.map(({ allFixedIps }) => allFixedIps));
  const server = (node: PlannedNode, index: number) =>
    new openstack.compute.Instance(
      node.name,
      {
        name: node.name,
        imageId: lookup.imageId,
        flavorId: lookup.flavours[node.flavour] ?? "",
        keyPair: keypair.name,
        networks: [{ port: ports[index]?.id ?? "" }],
        userData: addresses.apply(() => task.userData[node.name] ?? ""),
        metadata: { cluster_name: plan.cluster, role: node.role },
        tags: [plan.cluster],
        ...(node.role === "worker" ? { schedulerHints: [{ group: spread.id }] } : {}),
      },
      { dependsOn: rules },
    );
  plan.nodes.map(server);
  const address = new openstack.networking.FloatingIp(`${plan.cluster}-fip`, {
    pool,
    portId: ports[0]?.id ?? "",
    tags,
  });
  return { address: address.address, addresses };
}

const args: InlineProgramArgs = { projectName: "bare", stackName: "bare", program };
const stack = await LocalWorkspace.createOrSelectStack(args, {
  envVars: { PULUMI_BACKEND_URL: backendUrl, PULUMI_CONFIG_PASSPHRASE: "bare" },
});
const { summary } = await stack.up({ parallel: 16 });
process.stdout.write(`${JSON.stringify(summary.resourceChanges)}\n`);
process.exit();
