/** Pulumi's SDK where it is not as hailstack needs it. */
import * as pulumi from "@pulumi/pulumi";
import { getVersion } from "@pulumi/openstack/utilities.js";

/**
 * The SDK's own provider class fills what it is not given from this process's environment (OS_CLOUD, OS_REGION_NAME and
 * six more) and records it. The plugin has its credentials from the environment that we made for it, and nothing else.
 */
export class Provider extends pulumi.ProviderResource {
  constructor(region: string) {
    super("openstack", "openstack", region ? { region } : {}, { version: getVersion() });
  }
}

/** The SDK on npm has `policies` as a list; the provider behind the plugin wants one string. */
export class ServerGroup extends pulumi.CustomResource {
  constructor(name: string, args: { name: string; policies: string }, options: pulumi.CustomResourceOptions) {
    super("openstack:compute/serverGroup:ServerGroup", name, args, options);
  }
}

// With each resource the SDK would record from which lines of ours it came: a fifth of the state, and the paths of the
// operator's machine for all who can read it. It has no switch for that, and this method is private.
(pulumi.Resource as unknown as { callsites: () => [] }).callsites = () => [];

/**
 * The SDK keeps a stack trace for each property of each resource, to find promises that nobody waits for: for a
 * thousand servers that is half of the time and a third of the memory.
 */
export function withoutTraces<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
