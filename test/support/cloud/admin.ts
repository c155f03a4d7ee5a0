/** What happens to a cloud by other hands than ours: an administrator's, another user's, fate's. */
import type { Core } from "./core.ts";
import { addVolume } from "./cinder.ts";
import { addImage, projectId, userId } from "./contents.ts";
import { addFloatingIp, removeFloatingIp } from "./neutron/floating-ips.ts";
import { addPort, removePort } from "./neutron/ports.ts";
import { addGroup, addRule, defaultGroup } from "./neutron/security-groups.ts";
import { addKeypair } from "./nova/keypairs.ts";
import { failServer, removeServer } from "./nova/server-life.ts";
import type { ImageOptions } from "./options.ts";
import type { QuotaLimits } from "./quotas.ts";
import type { FloatingIp, Keypair, Network, Port, SecurityGroup, Server, Volume } from "./state.ts";

/** Every method names things by id, or by name where that is how people name them. `project` is the first by default. */
export function adminOf(core: Core) {
  const { state } = core;
  const known = <T>(items: Map<string, T>, id: string): T => {
    const item = items.get(id);
    if (item === undefined) throw new Error(`the cloud has no ${id}`);
    return item;
  };
  const network = (name: string): Network => {
    const found = [...state.networks.values()].find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`the cloud has no network ${name}`);
    return found;
  };

  return {
    deleteServer: (id: string): void => removeServer(core, known(state.servers, id)),
    /** To ERROR, with this as Nova's reason. */
    failServer: (id: string, message: string): void => failServer(core, known(state.servers, id), message),
    stopServer(id: string): void {
      known(state.servers, id).vmState = "stopped";
    },
    deletePort: (id: string): void => removePort(core, known(state.ports, id)),
    deleteFloatingIp: (id: string): void => removeFloatingIp(core, known(state.floatingIps, id)),
    setVolumeStatus(id: string, status: string): void {
      known(state.volumes, id).status = status;
    },
    setImageStatus(id: string, status: string): void {
      known(state.images, id).status = status;
    },
    deleteImage(id: string): void {
      state.images.delete(id);
    },
    setQuota: (limits: Partial<QuotaLimits>, project?: string): void =>
      core.quotas.set(projectId(core, project), limits),
    /** How many servers find a host from now on. */
    setCapacity(servers: number): void {
      core.capacity.servers = servers;
    },
    addImage: (image: ImageOptions): string => addImage(core, image).id,
    addKeypair: (name: string, publicKey: string, user?: string): Keypair =>
      addKeypair(core, userId(core, user), name, publicKey),
    addSecurityGroup: (name: string, project?: string): SecurityGroup => addGroup(core, projectId(core, project), name),
    addRule: (groupId: string, protocol: string, port: number): string =>
      addRule(core, known(state.securityGroups, groupId), {
        direction: "ingress",
        ethertype: "IPv4",
        protocol,
        portMin: port,
        portMax: port,
        description: "",
      }).id,
    addPort(networkName: string, name: string, project?: string): Port {
      const owner = projectId(core, project);
      return addPort(core, owner, network(networkName), name, [defaultGroup(core, owner).id]);
    },
    addVolume(name: string, sizeGib: number, project?: string): Volume {
      const owner = { userId: userId(core), projectId: projectId(core, project) };
      const volume = addVolume(core, { name, description: null, sizeGib, metadata: {}, ...owner });
      volume.status = "available";
      return volume;
    },
    addFloatingIp: (description: string, networkName = "public", project?: string): FloatingIp =>
      addFloatingIp(core, projectId(core, project), network(networkName), description),
    /** An ACTIVE server without a network, of the first flavour and image. */
    addServer(name: string, project?: string): Server {
      const [flavour] = state.flavours.values();
      const [image] = state.images.values();
      if (flavour === undefined || image === undefined) throw new Error("the cloud has no flavour or no image");
      const now = core.clock.now();
      const server: Server = {
        id: core.seed.uuid("server", name),
        name,
        vmState: "active",
        taskState: null,
        projectId: projectId(core, project),
        userId: userId(core),
        flavour,
        imageId: image.id,
        keyName: null,
        metadata: {},
        tags: [],
        userData: null,
        portIds: [],
        groupId: null,
        configDrive: false,
        createdAt: now,
        updatedAt: now,
        launchedAt: now,
      };
      state.servers.set(server.id, server);
      return server;
    },
    /** Takes every address that a network has left. */
    exhaust(networkName: string): void {
      const target = network(networkName);
      while (core.addresses.take(target, "exhausted") !== undefined);
    },
  };
}

export type Admin = ReturnType<typeof adminOf>;
