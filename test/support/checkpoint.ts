/** A cluster's checkpoint as a create has left it in the bucket, for tests that make nothing. */
import type { Outputs } from "../../src/cluster/outputs.ts";
import { plannedResources, type ClusterPlan } from "../../src/cluster/plan.ts";

const urn = (type: string, name: string): string => `urn:pulumi:hailstack-c1::hailstack::${type}::${name}`;

/** Servers alone: their ids are their names with `-id`. */
export function checkpointOf(plan: ClusterPlan, outputs: Outputs | undefined): string {
  const servers = plannedResources(plan).filter(({ kind }) => kind === "Instance");
  const type = "openstack:compute/instance:Instance";
  const stack = "pulumi:pulumi:Stack";
  return JSON.stringify({
    version: 3,
    checkpoint: {
      latest: {
        manifest: { time: "2026-01-02T03:04:05Z" },
        resources: [
          { urn: urn(stack, "hailstack-c1"), type: stack, outputs },
          ...servers.map(({ name }) => ({ urn: urn(type, name), type, id: `${name}-id`, inputs: {}, outputs: {} })),
        ],
      },
    },
  });
}
