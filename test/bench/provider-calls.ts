/** One resource of each kind, by the calls that the OpenStack provider sends for it, in its order. */
import type { Role } from "../../src/cluster/firewall.ts";
import type { ClusterPlan, PlannedNode } from "../../src/cluster/plan.ts";
import { many, one, type Item } from "./answers.ts";
import type { Session } from "./lab-place.ts";
import type { Planned } from "./planned.ts";
import { pollAsProvider } from "./polling.ts";

export type Wanted = Planned & { imageId: string; /** External network. */ pool: string };
/** Security group ids. */
type Groups = Readonly<Record<Role, string>>;

export class ProviderCalls {
  readonly #session: Session;
  readonly #wanted: Wanted;
  readonly #compute: string;
  readonly #network: string;

  constructor(session: Session, wanted: Wanted) {
    this.#session = session;
    this.#wanted = wanted;
    this.#compute = `${session.roots.compute}/v2.1`;
    this.#network = `${session.roots.network}/v2.0`;
  }

  /** Ids by name. */
  async flavours(): Promise<Record<string, string>> {
    const listed = many(await this.#get(`${this.#compute}/flavors/detail`));
    return Object.fromEntries(listed.map(({ name = "", id }) => [name, id]));
  }

  async networkId(name: string): Promise<string> {
    return many(await this.#get(`${this.#network}/networks?name=${name}`))[0]?.id ?? "";
  }

  async group(role: Role): Promise<string> {
    const { id } = await this.#make(`${this.#network}/security-groups`, "security_group", {
      name: `${this.#wanted.plan.cluster}-${role}-sg`,
    });
    await this.#tag("security-groups", id);
    await this.#show(`${this.#network}/security-groups/${id}`);
    return id;
  }

  async keypair(): Promise<void> {
    const name = `${this.#wanted.plan.cluster}-keypair`;
    await this.#session.call("POST", `${this.#compute}/os-keypairs`, {
      keypair: { name, public_key: this.#wanted.plan.public_keys[0] },
    });
    await this.#session.call("GET", `${this.#compute}/os-keypairs/${name}`);
  }

  async serverGroup(): Promise<string> {
    const answer = await this.#session.call(
      "POST",
      `${this.#compute}/os-server-groups`,
      { server_group: { name: `${this.#wanted.plan.cluster}-workers`, policies: ["soft-anti-affinity"] } },
      // The first that knows the soft form.
      { "x-openstack-nova-api-version": "2.15" },
    );
    const { id } = one(answer);
    await this.#show(`${this.#compute}/os-server-groups/${id}`);
    return id;
  }

  async rule({ role, ports, from }: ClusterPlan["rules"][number], groups: Groups): Promise<void> {
    const { id } = await this.#make(`${this.#network}/security-group-rules`, "security_group_rule", {
      direction: "ingress",
      ethertype: "IPv4",
      protocol: "tcp",
      security_group_id: groups[role],
      ...(ports ? { port_range_min: ports[0], port_range_max: ports[1] } : {}),
      ...("cidr" in from ? { remote_ip_prefix: from.cidr } : { remote_group_id: groups[from.group] }),
    });
    await this.#show(`${this.#network}/security-group-rules/${id}`);
  }

  async port({ ports: [planned], role }: PlannedNode, networkId: string, groups: Groups): Promise<string> {
    const { id } = await this.#make(`${this.#network}/ports`, "port", {
      name: planned?.name ?? "",
      network_id: networkId,
      security_groups: [groups[role]],
    });
    await pollAsProvider(
      () => this.#show(`${this.#network}/ports/${id}`),
      ({ status }) => status === "ACTIVE" || status === "DOWN",
    );
    await this.#tag("ports", id);
    await this.#show(`${this.#network}/ports/${id}`);
    return id;
  }

  async address(portId: string): Promise<void> {
    const networkId = await this.networkId(this.#wanted.pool);
    const { id } = await this.#make(`${this.#network}/floatingips`, "floatingip", {
      floating_network_id: networkId,
      port_id: portId,
    });
    await pollAsProvider(
      () => this.#show(`${this.#network}/floatingips/${id}`),
      ({ status }) => status === "ACTIVE" || status === "DOWN",
    );
    await this.#tag("floatingips", id);
    await this.#show(`${this.#network}/floatingips/${id}`);
    await this.#get(`${this.#network}/networks?id=${networkId}`);
  }

  async server(node: PlannedNode, portId: string, flavourId: string, hint: string): Promise<void> {
    const names = async () => {
      await this.#get(`${this.#network}/ports?id=${portId}`);
      await this.#get(`${this.#network}/networks?status=ACTIVE`);
    };
    await names();
    const body = {
      server: {
        name: node.name,
        imageRef: this.#wanted.imageId,
        flavorRef: flavourId,
        key_name: `${this.#wanted.plan.cluster}-keypair`,
        user_data: this.#wanted.userData[node.name],
        networks: [{ port: portId }],
        metadata: { cluster_name: this.#wanted.plan.cluster, role: node.role },
      },
      ...(node.role === "worker" && hint ? { "os:scheduler_hints": { group: hint } } : {}),
    };
    const { id } = one(await this.#session.call("POST", `${this.#compute}/servers`, body));
    const { status } = await pollAsProvider(
      () => this.#show(`${this.#compute}/servers/${id}`),
      (seen) => seen.status !== "BUILD",
    );
    if (status !== "ACTIVE") throw new Error(`${node.name} is ${status}`);
    await this.#show(`${this.#compute}/servers/${id}`);
    await names();
    await this.#show(`${this.#compute}/flavors/${flavourId}`);
    await this.#session.call("GET", `${this.#session.roots.image}/v2/images/${this.#wanted.imageId}`);
    // The first that knows tags.
    const version = { "x-openstack-nova-api-version": "2.26" };
    await this.#session.call("GET", `${this.#compute}/servers/${id}/tags`, undefined, version);
  }

  #get(url: string): Promise<unknown> {
    return this.#session.call("GET", url);
  }

  async #show(url: string): Promise<Item> {
    return one(await this.#get(url));
  }

  async #make(url: string, kind: string, body: object): Promise<Item> {
    return one(await this.#session.call("POST", url, { [kind]: body }));
  }

  #tag(kind: string, id: string): Promise<unknown> {
    const { cluster, cluster_id } = this.#wanted.plan;
    return this.#session.call("PUT", `${this.#network}/${kind}/${id}/tags`, { tags: [cluster, cluster_id] });
  }
}
