/** Each kind of resource of a cluster, as the plan wants it; ids, never names, reach the cloud. */
import * as pulumi from "@pulumi/pulumi";
import { Volume } from "@pulumi/openstack/blockstorage/volume.js";
import { Instance } from "@pulumi/openstack/compute/instance.js";
import { Keypair } from "@pulumi/openstack/compute/keypair.js";
import { VolumeAttach } from "@pulumi/openstack/compute/volumeAttach.js";
import { FloatingIp } from "@pulumi/openstack/networking/floatingIp.js";
import { FloatingIpAssociate } from "@pulumi/openstack/networking/floatingIpAssociate.js";
import { Port } from "@pulumi/openstack/networking/port.js";
import { SecGroup } from "@pulumi/openstack/networking/secGroup.js";
import { SecGroupRule } from "@pulumi/openstack/networking/secGroupRule.js";
import type { Role } from "../cluster/firewall.ts";
import { ownerKey, ownerMark } from "../cluster/names.ts";
import type { ClusterPlan, PlannedNode } from "../cluster/plan.ts";
import type { ClusterProgram } from "../world.ts";
import { ServerGroup } from "./sdk.ts";

/** Nova gives up on a server sooner or later; ours is the shorter breath (reliability notes O12). */
const serverTimeout = { create: "15m", update: "15m", delete: "10m" };

/** Made in the order in which they need each other: groups, ports, servers, and what hangs on the master. */
export class Resources {
  readonly #plan: ClusterPlan;
  readonly #ids: ClusterProgram["ids"];
  readonly #options: pulumi.CustomResourceOptions;
  readonly #mark: string;
  #rules: SecGroupRule[] = [];

  constructor(plan: ClusterPlan, ids: ClusterProgram["ids"], options: pulumi.CustomResourceOptions) {
    this.#plan = plan;
    this.#ids = ids;
    this.#options = options;
    this.#mark = ownerMark(plan.cluster_id);
  }

  get #tags(): string[] {
    return [this.#plan.cluster, this.#mark];
  }

  groups(): Record<Role, SecGroup> {
    const { cluster, rules } = this.#plan;
    const group = (role: Role, title: string) =>
      new SecGroup(
        `${cluster}-${role}-sg`,
        {
          name: `${cluster}-${role}-sg`,
          description: `${title} security group for ${cluster} (${this.#mark})`,
          tags: this.#tags,
        },
        this.#options,
      );
    const groups = { master: group("master", "Master"), worker: group("worker", "Worker") };
    this.#rules = rules.map(
      ({ name, role, ports, from }) =>
        new SecGroupRule(
          name,
          {
            direction: "ingress",
            ethertype: "IPv4",
            protocol: "tcp",
            ...(ports ? { portRangeMin: ports[0], portRangeMax: ports[1] } : {}),
            description: this.#mark,
            securityGroupId: groups[role].id,
            ...("cidr" in from ? { remoteIpPrefix: from.cidr } : { remoteGroupId: groups[from.group].id }),
          },
          // The same rule under a new name would be refused as a duplicate while the old one stands.
          { ...this.#options, deleteBeforeReplace: true },
        ),
    );
    return groups;
  }

  ports(groups: Record<Role, SecGroup>): (node: PlannedNode) => Port[] {
    const made = new Map(
      this.#plan.nodes.map((node) => [
        node.name,
        node.ports.map(({ name, network }) => {
          const { id, portSecurity } = this.#network(network);
          const security = portSecurity ? { securityGroupIds: [groups[node.role].id] } : { noSecurityGroups: true };
          const args = { name, networkId: id, description: this.#mark, tags: this.#tags, ...security };
          return new Port(name, args, { ...this.#options, deleteBeforeReplace: true });
        }),
      ]),
    );
    return (node) => made.get(node.name) ?? [];
  }

  servers(ports: (node: PlannedNode) => Port[], userData: (node: PlannedNode) => pulumi.Output<string>) {
    const { cluster, cluster_id, bundle_id, nodes, public_keys, spread } = this.#plan;
    const keypair = new Keypair(
      `${cluster}-keypair`,
      { name: `${cluster}-keypair`, publicKey: public_keys[0] ?? "" },
      this.#options,
    );
    const group = spread
      ? new ServerGroup(
          `${cluster}-workers`,
          { name: `${cluster}-workers-${cluster_id}`, policies: "soft-anti-affinity" },
          this.#options,
        )
      : undefined;
    const made = new Map(
      nodes.map((node) => [
        node.name,
        new Instance(
          node.name,
          {
            name: node.name,
            imageId: this.#ids.image,
            flavorId: this.#flavour(node.flavour),
            keyPair: keypair.name,
            networks: ports(node).map((port) => ({ port: port.id })),
            userData: pulumi.secret(userData(node)),
            metadata: { cluster_name: cluster, bundle_id, role: node.role, [ownerKey]: cluster_id },
            tags: [cluster],
            ...(group && node.role === "worker" ? { schedulerHints: [{ group: group.id }] } : {}),
          },
          {
            ...this.#options,
            // A new image is a rebuild in place that wipes the disk, new user data a new server, and another id behind
            // a flavour's name a resize: only ever by the user's own decision, never because a node was added.
            ignoreChanges: ["imageId", "imageName", "userData", "flavorId", "flavorName"],
            deleteBeforeReplace: true,
            customTimeouts: serverTimeout,
            dependsOn: this.#rules,
          },
        ),
      ]),
    );
    return (node: PlannedNode): Instance => {
      const server = made.get(node.name);
      if (!server) throw new Error(`${node.name} is not in the plan`);
      return server;
    };
  }

  /** The data volume's id, or "" without one. */
  volume(master: Instance): pulumi.Output<string> {
    const { cluster, volume } = this.#plan;
    if (!volume) return pulumi.output("");
    const volumeId = volume.kind === "existing" ? pulumi.output(volume.id) : this.#newVolume(volume);
    // oxlint-disable-next-line no-new -- to make it is to register it, and nothing needs it afterwards
    new VolumeAttach(
      `${cluster}-vol-attach`,
      { instanceId: master.id, volumeId },
      { ...this.#options, deleteBeforeReplace: true },
    );
    return volumeId;
  }

  #newVolume(volume: { name: string; size_gb: number; preserve_on_destroy: boolean }): pulumi.Output<string> {
    const { cluster, cluster_id } = this.#plan;
    return new Volume(
      `${cluster}-vol`,
      {
        name: volume.name,
        size: volume.size_gb,
        enableOnlineResize: true,
        metadata: { cluster_name: cluster, [ownerKey]: cluster_id },
      },
      { ...this.#options, retainOnDelete: volume.preserve_on_destroy },
    ).id;
  }

  /** The master's public address. */
  floatingIp(port: Port | undefined): pulumi.Output<string> {
    const { cluster, floating_ip } = this.#plan;
    const portId = port?.id ?? "";
    if (floating_ip.kind === "given") {
      const { address } = floating_ip;
      return new FloatingIpAssociate(`${cluster}-fip`, { floatingIp: address, portId }, this.#options).floatingIp;
    }
    return new FloatingIp(
      `${cluster}-fip`,
      { pool: this.#ids.pool, portId, description: this.#mark, tags: this.#tags },
      // An address that is there stays, whatever its pool is called now.
      { ...this.#options, ignoreChanges: ["pool"] },
    ).address;
  }

  #network(name: string): { id: string; portSecurity: boolean } {
    const network = this.#ids.networks[name];
    if (!network) throw new Error(`network ${name} was not resolved`);
    return network;
  }

  #flavour(name: string): string {
    const id = this.#ids.flavours[name];
    if (!id) throw new Error(`flavour ${name} was not resolved`);
    return id;
  }
}
