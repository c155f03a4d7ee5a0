/**
 * The calls that `create` comes to, in the order in which the provider sends them for each kind of resource, without
 * an engine, a plugin or a state: the least that any tool would take.
 */
import { z } from "zod";
import type { ClusterPlan, PlannedNode } from "../../src/cluster/plan.ts";
import type { Planned } from "./planned.ts";
import type { Role } from "../../src/cluster/firewall.ts";
import type { Session } from "./lab-place.ts";
import { openGate, pollAsProvider } from "./polling.ts";

/** As many at once as hailstack's engine. */
const parallel = 16;

const Item = z.looseObject({ id: z.string(), status: z.string().optional() });
type Item = z.infer<typeof Item>;
const Listed = z.record(z.string(), z.unknown());
const Named = z.record(z.string(), Item);
const Many = z.record(z.string(), z.array(Item));

export type Wanted = Planned & { imageId: string; /** External network. */ pool: string };

/** Makes everything the plan has but a volume. */
export async function createByCalls(
  { call, roots }: Session,
  { plan, imageId, pool, userData }: Wanted,
): Promise<void> {
  const { compute, network, image } = { ...roots, compute: `${roots.compute}/v2.1`, network: `${roots.network}/v2.0` };
  const through = openGate(parallel);
  const only = (answer: unknown): Item => Object.values(Named.parse(answer))[0] ?? { id: "" };
  const get = async (url: string) => Listed.parse(await call("GET", url));
  const show = async (url: string) => only(await call("GET", url));
  const make = async (url: string, kind: string, body: object) => only(await call("POST", url, { [kind]: body }));
  const first = async (url: string) => Object.values(Many.parse(await get(url)))[0]?.[0]?.id ?? "";
  const tag = (kind: string, id: string) =>
    call("PUT", `${network}/${kind}/${id}/tags`, { tags: [plan.cluster, plan.cluster_id] });

  async function group(role: Role): Promise<string> {
    const { id } = await make(`${network}/security-groups`, "security_group", { name: `${plan.cluster}-${role}-sg` });
    await tag("security-groups", id);
    await show(`${network}/security-groups/${id}`);
    return id;
  }

  async function keypair(): Promise<void> {
    const name = `${plan.cluster}-keypair`;
    await call("POST", `${compute}/os-keypairs`, { keypair: { name, public_key: plan.public_keys[0] } });
    await call("GET", `${compute}/os-keypairs/${name}`);
  }

  async function serverGroup(): Promise<string> {
    const answer = await call(
      "POST",
      `${compute}/os-server-groups`,
      { server_group: { name: `${plan.cluster}-workers`, policies: ["soft-anti-affinity"] } },
      // The first that knows the soft form.
      { "x-openstack-nova-api-version": "2.15" },
    );
    const { id } = only(answer);
    await show(`${compute}/os-server-groups/${id}`);
    return id;
  }

  async function rule({ role, ports, from }: ClusterPlan["rules"][number], groups: Groups): Promise<void> {
    const { id } = await make(`${network}/security-group-rules`, "security_group_rule", {
      direction: "ingress",
      ethertype: "IPv4",
      protocol: "tcp",
      security_group_id: groups[role],
      ...(ports ? { port_range_min: ports[0], port_range_max: ports[1] } : {}),
      ...("cidr" in from ? { remote_ip_prefix: from.cidr } : { remote_group_id: groups[from.group] }),
    });
    await show(`${network}/security-group-rules/${id}`);
  }

  async function port({ ports: [planned], role }: PlannedNode, networkId: string, groups: Groups): Promise<string> {
    const { id } = await make(`${network}/ports`, "port", {
      name: planned?.name ?? "",
      network_id: networkId,
      security_groups: [groups[role]],
    });
    await pollAsProvider(
      () => show(`${network}/ports/${id}`),
      ({ status }) => status === "ACTIVE" || status === "DOWN",
    );
    await tag("ports", id);
    await show(`${network}/ports/${id}`);
    return id;
  }

  async function address(portId: string): Promise<void> {
    const networkId = await first(`${network}/networks?name=${pool}`);
    const { id } = await make(`${network}/floatingips`, "floatingip", {
      floating_network_id: networkId,
      port_id: portId,
    });
    await pollAsProvider(
      () => show(`${network}/floatingips/${id}`),
      ({ status }) => status === "ACTIVE" || status === "DOWN",
    );
    await tag("floatingips", id);
    await show(`${network}/floatingips/${id}`);
    await get(`${network}/networks?id=${networkId}`);
  }

  async function server(node: PlannedNode, portId: string, flavourId: string, hint: string): Promise<void> {
    const names = async () => {
      await get(`${network}/ports?id=${portId}`);
      await get(`${network}/networks?status=ACTIVE`);
    };
    await names();
    const body = {
      server: {
        name: node.name,
        imageRef: imageId,
        flavorRef: flavourId,
        key_name: `${plan.cluster}-keypair`,
        user_data: userData[node.name],
        networks: [{ port: portId }],
        metadata: { cluster_name: plan.cluster, role: node.role },
      },
      ...(node.role === "worker" && hint ? { "os:scheduler_hints": { group: hint } } : {}),
    };
    const { id } = only(await call("POST", `${compute}/servers`, body));
    const { status } = await pollAsProvider(
      () => show(`${compute}/servers/${id}`),
      (seen) => seen.status !== "BUILD",
    );
    if (status !== "ACTIVE") throw new Error(`${node.name} is ${status}`);
    await show(`${compute}/servers/${id}`);
    await names();
    await show(`${compute}/flavors/${flavourId}`);
    await call("GET", `${image}/v2/images/${imageId}`);
  }

  const flavours = Many.parse(await get(`${compute}/flavors/detail`)).flavors ?? [];
  const flavourId = (name: string) => flavours.find((flavour) => flavour.name === name)?.id ?? "";
  const networkId = await first(`${network}/networks?name=${plan.nodes[0]?.ports[0]?.network ?? ""}`);
  const [master, worker, hint] = await Promise.all([
    through(() => group("master")),
    through(() => group("worker")),
    plan.spread ? through(serverGroup) : "",
    through(keypair),
  ]);
  const groups = { master, worker };
  const rules = plan.rules.map((planned) => through(() => rule(planned, groups)));
  const ports = await all(plan.nodes.map((node) => through(() => port(node, networkId, groups))));
  await all(rules);
  await all([
    through(() => address(ports[0] ?? "")),
    ...plan.nodes.map((node, index) => through(() => server(node, ports[index] ?? "", flavourId(node.flavour), hint))),
  ]);
}

/** As Promise.all, but nothing is under way any more when it fails: what was made can be removed then. */
async function all<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

type Groups = Readonly<Record<Role, string>>;

const deletable = [
  { list: "floatingips", root: "network" },
  { list: "ports", root: "network" },
  { list: "security-groups", root: "network" },
] as const;

/** Deletes everything in the session's project and waits until the servers are gone. */
export async function emptyProject({ call, roots, projectId }: Session): Promise<void> {
  const compute = `${roots.compute}/v2.1`;
  const servers = async () =>
    Many.parse({ servers: Listed.parse(await call("GET", `${compute}/servers`)).servers }).servers ?? [];
  const asked = new Set<string>();
  for (let left = await servers(); left.length > 0; left = await servers()) {
    for (const { id } of left.filter((server) => !asked.has(server.id))) {
      asked.add(id);
      await call("DELETE", `${compute}/servers/${id}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  for (const { list } of deletable) {
    const found = Object.values(
      Many.parse(await call("GET", `${roots.network}/v2.0/${list}?project_id=${projectId}`)),
    )[0];
    for (const { id, name } of found ?? []) {
      if (name !== "default") await call("DELETE", `${roots.network}/v2.0/${list}/${id}`);
    }
  }
  const groups = Many.parse(await call("GET", `${compute}/os-server-groups`)).server_groups ?? [];
  for (const { id } of groups) await call("DELETE", `${compute}/os-server-groups/${id}`);
  const Keypairs = z.object({ keypairs: z.array(z.object({ keypair: z.object({ name: z.string() }) })) });
  for (const { keypair } of Keypairs.parse(await call("GET", `${compute}/os-keypairs`)).keypairs) {
    await call("DELETE", `${compute}/os-keypairs/${keypair.name}`);
  }
}
