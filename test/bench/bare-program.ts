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
type Groups = Readonly<Record<Role, openstack.networking.SecGroup>>;

async function program(): Promise<Record<string, unknown>> {
  const groups = { master: group("master"), worker: group("worker") };
  const rules = plan.rules.map((planned) => rule(planned, groups));
  const ports = plan.nodes.map((node) => port(node, groups));
  const addresses = pulumi.all(ports.map(({ allFixedIps }) => allFixedIps));
  makeServers({ ports, addresses, rules });
  const portId = ports[0]?.id ?? "";
  const address = new openstack.networking.FloatingIp(`${plan.cluster}-fip`, { pool, portId, tags });
  return { address: address.address, addresses };
}

function group(role: Role): openstack.networking.SecGroup {
  const name = `${plan.cluster}-${role}-sg`;
  return new openstack.networking.SecGroup(name, { name, tags });
}

function rule({ name, role, ports, from }: (typeof plan.rules)[number], groups: Groups) {
  return new openstack.networking.SecGroupRule(name, {
    direction: "ingress",
    ethertype: "IPv4",
    protocol: "tcp",
    ...(ports ? { portRangeMin: ports[0], portRangeMax: ports[1] } : {}),
    securityGroupId: groups[role].id,
    ...("cidr" in from ? { remoteIpPrefix: from.cidr } : { remoteGroupId: groups[from.group].id }),
  });
}

function port({ role, ports: [planned] }: PlannedNode, groups: Groups): openstack.networking.Port {
  const name = planned?.name ?? "";
  const { networkId } = lookup;
  return new openstack.networking.Port(name, { name, networkId, securityGroupIds: [groups[role].id], tags });
}

function makeServers(made: {
  ports: openstack.networking.Port[];
  addresses: pulumi.Output<string[][]>;
  rules: pulumi.Resource[];
}): void {
  const name = `${plan.cluster}-keypair`;
  const keypair = new openstack.compute.Keypair(name, { name, publicKey: plan.public_keys[0] ?? "" });
  const workers = `${plan.cluster}-workers`;
  const spread = new ServerGroup(workers, { name: workers, policies: "soft-anti-affinity" });
  const server = (node: PlannedNode, index: number) => {
    const args = {
      name: node.name,
      imageId: lookup.imageId,
      flavorId: lookup.flavours[node.flavour] ?? "",
      keyPair: keypair.name,
      networks: [{ port: made.ports[index]?.id ?? "" }],
      userData: made.addresses.apply(() => task.userData[node.name] ?? ""),
      metadata: { cluster_name: plan.cluster, role: node.role },
      tags: [plan.cluster],
      ...(node.role === "worker" ? { schedulerHints: [{ group: spread.id }] } : {}),
    };
    return new openstack.compute.Instance(node.name, args, { dependsOn: made.rules });
  };
  plan.nodes.map(server);
}

const args: InlineProgramArgs = { projectName: "bare", stackName: "bare", program };
const stack = await LocalWorkspace.createOrSelectStack(args, {
  envVars: { PULUMI_BACKEND_URL: backendUrl, PULUMI_CONFIG_PASSPHRASE: "bare" },
});
const { summary } = await stack.up({ parallel: 16 });
process.stdout.write(`${JSON.stringify(summary.resourceChanges)}\n`);
process.exit();
