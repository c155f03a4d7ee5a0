/** What happens to a cloud by other hands than ours: an administrator's, another user's, fate's. */
import type { Core } from "./core.ts";
import { addVolume } from "./cinder/volume-create.ts";
import { addImage, known, networkNamed, projectId, userId } from "./contents.ts";
import { addFloatingIp, removeFloatingIp } from "./neutron/floating-ips.ts";
import { addPort, removePort } from "./neutron/ports.ts";
import { addGroup, addRule, defaultGroup } from "./neutron/security-groups.ts";
import { addKeypair } from "./nova/keypairs.ts";
import { addServer } from "./nova/server-create.ts";
import { failServer, removeServer } from "./nova/server-life.ts";
import type { ImageOptions } from "./options.ts";
import type { QuotaLimits } from "./quotas.ts";
import type { FloatingIp, Keypair, Port, SecurityGroup, Server, Volume } from "./state.ts";

/** Things are named by id, networks by name; `project` is the first one by default. */
export const adminOf = (core: Core) => ({
  ...handsOnServers(core),
  ...handsOnNetworks(core),
  ...handsOnTheRest(core),
});
export type Admin = ReturnType<typeof adminOf>;

const handsOnServers = (core: Core) => ({
  /** An ACTIVE server without a network, of the first flavour and image. */
  addServer(name: string, project?: string): Server {
    const [flavour] = core.state.flavours.values();
    const [image] = core.state.images.values();
    if (flavour === undefined || image === undefined) throw new Error("the cloud has no flavour or no image");
    const server = addServer(core, { name, flavour, image, projectId: projectId(core, project), userId: userId(core) });
    server.vmState = "active";
    server.taskState = null;
    server.launchedAt = server.createdAt;
    return server;
  },
  deleteServer: (id: string): void => removeServer(core, known(core.state.servers, id)),
  /** To ERROR, with this as Nova's reason. */
  failServer: (id: string, message: string): void => failServer(core, known(core.state.servers, id), message),
  stopServer(id: string): void {
    known(core.state.servers, id).vmState = "stopped";
  },
  addKeypair: (name: string, publicKey: string, user?: string): Keypair =>
    addKeypair(core, userId(core, user), name, publicKey),
  /** How many servers find a host from now on. */
  setCapacity(servers: number): void {
    core.capacity.servers = servers;
  },
});

const handsOnNetworks = (core: Core) => ({
  addPort(network: string, name: string, project?: string): Port {
    const owner = projectId(core, project);
    return addPort(core, owner, networkNamed(core, network), name, [defaultGroup(core, owner).id]);
  },
  deletePort: (id: string): void => removePort(core, known(core.state.ports, id)),
  addSecurityGroup: (name: string, project?: string): SecurityGroup => addGroup(core, projectId(core, project), name),
  /** One port, open to the world. */
  addRule: (groupId: string, protocol: string, port: number): string =>
    addRule(core, known(core.state.securityGroups, groupId), {
      direction: "ingress",
      ethertype: "IPv4",
      protocol,
      portMin: port,
      portMax: port,
      description: "",
    }).id,
  addFloatingIp: (description: string, pool = "public", project?: string): FloatingIp =>
    addFloatingIp(core, projectId(core, project), networkNamed(core, pool), description),
  deleteFloatingIp: (id: string): void => removeFloatingIp(core, known(core.state.floatingIps, id)),
  /** Takes every address that a network has left. */
  exhaust(network: string): void {
    const target = networkNamed(core, network);
    while (core.addresses.take(target, "exhausted") !== undefined);
  },
});

const handsOnTheRest = (core: Core) => ({
  addImage: (image: ImageOptions): string => addImage(core, image).id,
  setImageStatus(id: string, status: string): void {
    known(core.state.images, id).status = status;
  },
  deleteImage(id: string): void {
    core.state.images.delete(id);
  },
  /** An available one. */
  addVolume(name: string, sizeGib: number, project?: string): Volume {
    const owner = { userId: userId(core), projectId: projectId(core, project) };
    const volume = addVolume(core, { name, description: null, sizeGib, metadata: {}, ...owner });
    volume.status = "available";
    return volume;
  },
  setVolumeStatus(id: string, status: string): void {
    known(core.state.volumes, id).status = status;
  },
  setQuota: (limits: Partial<QuotaLimits>, project?: string): void => core.quotas.set(projectId(core, project), limits),
});
