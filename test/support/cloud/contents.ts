/** Fills a new cloud with what its options say. */
import type { Core } from "./core.ts";
import { parseCidr } from "./neutron/addresses.ts";
import { defaultGroup } from "./neutron/security-groups.ts";
import { addKeypair } from "./nova/keypairs.ts";
import {
  type CloudOptions,
  type ImageOptions,
  type NetworkOptions,
  labFlavours,
  labImage,
  labNetworks,
  labUser,
} from "./options.ts";
import type { Image, Network } from "./state.ts";

export function fill(core: Core, options: CloudOptions): void {
  addIdentities(core, options);
  for (const flavour of options.flavours ?? labFlavours) {
    const id = core.seed.uuid("flavour", flavour.name);
    core.state.flavours.set(id, { id, ...flavour });
  }
  for (const image of options.images ?? [labImage]) addImage(core, image);
  for (const network of options.networks ?? labNetworks) addNetwork(core, network);
}

function addIdentities(core: Core, options: CloudOptions): void {
  const { state, seed, quotas } = core;
  const users = options.users ?? [labUser];
  const names = [...(options.projects ?? []).map(({ name }) => name), ...users.flatMap(({ projects }) => projects)];
  for (const name of new Set(names)) {
    const id = seed.hex("project", name);
    state.projects.set(id, { id, name });
    quotas.set(id, options.projects?.find((project) => project.name === name)?.quotas ?? {});
    defaultGroup(core, id);
  }
  for (const { name, password, projects } of users) {
    const id = seed.hex("user", name);
    state.users.set(id, { id, name, password, projectIds: projects.map((project) => projectId(core, project)) });
  }
  for (const { name, secret, user, project, id, unrestricted = false } of options.applicationCredentials ?? []) {
    const credential = {
      id: id ?? seed.hex("application credential", name),
      name,
      secret,
      description: null,
      userId: userId(core, user),
      projectId: projectId(core, project),
      unrestricted,
    };
    state.credentials.set(credential.id, credential);
  }
  const [firstUser] = state.users.values();
  for (const { name, publicKey } of options.keypairs ?? []) addKeypair(core, firstUser?.id ?? "", name, publicKey);
}

/** The id of the project of this name; of the first one without a name. */
export function projectId({ state }: Core, name?: string): string {
  const project = [...state.projects.values()].find((candidate) => name === undefined || candidate.name === name);
  if (project === undefined) throw new Error(`the cloud has no project ${name ?? ""}`);
  return project.id;
}

/** As projectId, of users. */
export function userId({ state }: Core, name?: string): string {
  const user = [...state.users.values()].find((candidate) => name === undefined || candidate.name === name);
  if (user === undefined) throw new Error(`the cloud has no user ${name ?? ""}`);
  return user.id;
}

export function networkNamed({ state }: Core, name: string): Network {
  const network = [...state.networks.values()].find((candidate) => candidate.name === name);
  if (network === undefined) throw new Error(`the cloud has no network ${name}`);
  return network;
}

/** The thing of this id. @throws Error when the cloud has none: a test's mistake */
export function known<T>(items: ReadonlyMap<string, T>, id: string): T {
  const item = items.get(id);
  if (item === undefined) throw new Error(`the cloud has no ${id}`);
  return item;
}

/** A new one. `project` of the options gives way to `ownerId`. */
export function addImage(core: Core, options: ImageOptions & { ownerId?: string; diskFormat?: string }): Image {
  const now = options.createdAt ?? core.clock.now();
  const owner = options.project === undefined ? nobodysProject : projectId(core, options.project);
  const image: Image = {
    id: core.seed.uuid("image", options.name),
    name: options.name,
    status: options.status ?? "active",
    minDiskGib: options.minDiskGib ?? 0,
    minRamMib: options.minRamMib ?? 0,
    sizeBytes: options.sizeBytes === undefined ? 12 : options.sizeBytes,
    diskFormat: options.diskFormat ?? "qcow2",
    createdAt: now,
    updatedAt: now,
    ownerId: options.ownerId ?? owner,
    visibility: options.visibility ?? "public",
    protected: options.protected ?? false,
    members: new Map(),
    properties: options.properties ?? {},
  };
  for (const name of options.members ?? []) {
    const member = projectId(core, name);
    image.members.set(member, { projectId: member, status: "pending", createdAt: now, updatedAt: now });
  }
  core.state.images.set(image.id, image);
  return image;
}

/** The administrator's, who gives images to all. */
const nobodysProject = "4f893e7814d24e5086f982a3e0709929";

function addNetwork(core: Core, options: NetworkOptions): void {
  const { name, cidr, external = false, routed = false, portSecurity = true } = options;
  const [first, last] = options.pool ?? [2, parseCidr(cidr).size - 2];
  const network: Network = {
    id: core.seed.uuid("network", name),
    name,
    external,
    shared: !external,
    routed,
    portSecurity,
    createdAt: core.clock.now(),
    subnet: { id: core.seed.uuid("subnet", name), cidr, first, last, gateway: routed || external ? 1 : null },
  };
  core.state.networks.set(network.id, network);
}
