/** ClusterPlan → resources. Walks the plan and decides nothing. */
import * as pulumi from "@pulumi/pulumi";
import { stackOutputs, type Addresses } from "../cluster/outputs.ts";
import { masterOf, type PlannedNode } from "../cluster/plan.ts";
import type { ClusterProgram } from "../world.ts";
import { detached } from "./detached.ts";
import { Resources } from "./resources.ts";
import { Provider, withoutTraces } from "./sdk.ts";

/** The whole cluster, as the function the engine calls; what it returns becomes the stack's outputs. */
export function clusterProgram({ plan, ids, userData, recorded }: ClusterProgram): pulumi.automation.PulumiFn {
  const program = () => {
    const provider = new Provider(ids.region);
    const make = new Resources(plan, ids, { provider });
    const ports = make.ports(make.groups());
    const addresses = detached(
      pulumi
        .all(plan.nodes.map((node) => ports(node)[0]?.allFixedIps ?? pulumi.output<string[]>([])))
        .apply((perNode) =>
          Object.fromEntries(plan.nodes.map((node, index) => [node.name, ipv4(node, perNode[index])])),
        ),
    );
    const servers = make.servers(ports, (node) => addresses.apply((known: Addresses) => userData(node, known)));
    const master = masterOf(plan);
    const masterServer = servers(master);
    const volumeId = make.volume(masterServer);
    const publicIp = make.floatingIp(ports(master)[0]);
    return pulumi
      .all([publicIp, addresses, volumeId])
      .apply(([address, known, volume]) =>
        stackOutputs(plan, recorded, { address, addresses: known, volume }),
      ) as never;
  };
  return async () => withoutTraces(program);
}

/** Nova lists a port's addresses in any order and family; nodes talk IPv4. */
function ipv4(node: PlannedNode, addresses: readonly string[] = []): string {
  const address = addresses.find((candidate) => /^\d+(\.\d+){3}$/.test(candidate));
  if (!address) throw new pulumi.RunError(`${node.name}: its port received no IPv4 address`);
  return address;
}
