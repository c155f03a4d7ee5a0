/** Preflight's questions about networks, the pool and the floating IP. Pure. */
import type { Problem } from "../errors.ts";
import type { Network } from "../world.ts";
import type { CloudFacts } from "./facts.ts";
import type { ClusterPlan } from "./plan.ts";
import { near, problem } from "./problem.ts";
import { ofKind, type ClusterState } from "./state.ts";

export function networkProblems({ nodes }: ClusterPlan, networks: readonly Network[]): Problem[] {
  return missingNetworks(new Set(nodes.flatMap(({ ports }) => ports.map(({ network }) => network))), networks);
}

/** Those of `names` that are not the name of exactly one network. */
export function missingNetworks(names: Iterable<string>, networks: readonly Network[]): Problem[] {
  return [...names].flatMap((name) => {
    const found = networks.filter((network) => network.name === name);
    if (found.length === 1) return [];
    if (found.length === 0) {
      const fix = `choose one the project sees: ${near(networks.map((network) => network.name))}`;
      return [problem("network-missing", `Network '${name}' not found`, fix, name)];
    }
    const ids = found.map(({ id }) => id).join(", ");
    return [
      problem(
        "network-ambiguous",
        `${found.length} networks are called '${name}': ${ids}`,
        "ask for one of them to be renamed, or use another network",
        name,
      ),
    ];
  });
}

/** The pool a new address comes from: the one named, else the only external network. */
export function floatingIpPool(plan: ClusterPlan, networks: readonly Network[]): Network | undefined {
  return plan.floating_ip.kind === "given" ? undefined : poolNamed(plan.floating_ip.pool, networks);
}

/** `pool` is a name or id; blank means the only one there is. */
export function poolNamed(pool: string, networks: readonly Network[]): Network | undefined {
  const external = networks.filter((network) => network.external);
  if (pool) return external.find(({ name, id }) => name === pool || id === pool);
  return external.length === 1 ? external[0] : undefined;
}

export function addressProblems(plan: ClusterPlan, facts: CloudFacts, state: ClusterState | undefined): Problem[] {
  const { floating_ip } = plan;
  if (floating_ip.kind === "given") return givenAddressProblems(floating_ip.address, facts, state);
  const there = state !== undefined && ofKind(state, "FloatingIp").length > 0;
  if (there || floatingIpPool(plan, facts.networks)) return [];
  return poolProblems(floating_ip.pool, facts.networks);
}

/** Why no address can be taken from `pool`, a name or id; blank means the only one there is. `field` is what to set. */
export function poolProblems(
  pool: string,
  networks: readonly Network[],
  field = "cluster.floating_ip_pool",
): Problem[] {
  if (poolNamed(pool, networks)) return [];
  const external = networks.filter((network) => network.external).map(({ name }) => name);
  const set = `set ${field} to one of: ${near(external)}`;
  if (pool) return [problem("pool-missing", `floating IP pool '${pool}' not found`, set, pool)];
  return external.length === 0
    ? [
        problem(
          "pool-missing",
          "this project sees no external network to take a floating IP from",
          "ask the cloud's operators for one, or set cluster.floating_ip",
        ),
      ]
    : [
        problem(
          "pool-ambiguous",
          `${external.length} external networks could give the floating IP: ${external.join(", ")}`,
          set,
        ),
      ];
}

function givenAddressProblems(
  address: string,
  { floatingIps, project_id, ports }: CloudFacts,
  state: ClusterState | undefined,
): Problem[] {
  const found = floatingIps.find((one) => one.address === address);
  const message = `floating IP '${address}'`;
  if (!found || found.projectId !== project_id) {
    const free = floatingIps
      .filter((one) => one.portId === null && one.projectId === project_id)
      .map((one) => one.address);
    const fix =
      free.length > 0
        ? `use a free one: ${near(free)}`
        : "openstack floating ip create <pool>, or leave cluster.floating_ip empty";
    const what = found ? `${message} belongs to another project` : `${message} not found in this project`;
    return [problem("floating-ip-missing", what, fix, address)];
  }
  if (found.portId === null) return [];
  const port = ports.find(({ id }) => id === found.portId);
  if (state && ofKind(state, "Port").some(({ id }) => id === found.portId)) return [];
  const user = port ? `port ${port.name || port.id} of ${port.deviceId || "nothing"}` : `port ${found.portId}`;
  return [
    problem("floating-ip-used", `${message} is attached to ${user}`, "detach it there, or choose another", address),
  ];
}
