/** Everything the cloud remembers, in its own words; each service makes its own view of it. */

export type Token = {
  id: string;
  userId: string;
  projectId?: string;
  methods: string[];
  issuedAt: Date;
  expiresAt: Date;
  /** The application credential it was got with. */
  credentialId?: string;
  auditId: string;
};
export type User = { id: string; name: string; password: string; projectIds: string[] };
export type Project = { id: string; name: string };
export type Credential = {
  id: string;
  name: string;
  secret: string;
  description: string | null;
  userId: string;
  projectId: string;
  unrestricted: boolean;
};

export type Flavour = { id: string; name: string; vcpus: number; ramMib: number; diskGib: number };
export type Visibility = "private" | "shared" | "community" | "public";
export const memberStatuses = ["pending", "accepted", "rejected"] as const;
export type ImageMember = {
  projectId: string;
  status: (typeof memberStatuses)[number];
  createdAt: Date;
  updatedAt: Date;
};
export type Image = {
  id: string;
  name: string;
  status: string;
  minDiskGib: number;
  minRamMib: number;
  /** null until there is something in it. */
  sizeBytes: number | null;
  diskFormat: string;
  createdAt: Date;
  updatedAt: Date;
  ownerId: string;
  visibility: Visibility;
  protected: boolean;
  /** By project; they count only while the image is shared. */
  members: Map<string, ImageMember>;
  /** Free ones, such as `architecture`. */
  properties: Record<string, string>;
};
export type Subnet = { id: string; cidr: string; first: number; last: number; gateway: number | null };
export type Network = {
  id: string;
  name: string;
  external: boolean;
  shared: boolean;
  /** A router joins it to the external network, so its ports can have floating IPs. */
  routed: boolean;
  portSecurity: boolean;
  createdAt: Date;
  subnet: Subnet;
};

export type Keypair = {
  number: number;
  name: string;
  type: string;
  publicKey: string;
  fingerprint: string;
  userId: string;
  createdAt: Date;
};
export type ServerGroup = {
  id: string;
  name: string;
  policy: string;
  rules: Record<string, number>;
  projectId: string;
  userId: string;
};

/** What every Neutron resource has. */
export type Standard = {
  id: string;
  projectId: string;
  description: string | null;
  tags: string[];
  createdAt: Date;
  updatedAt: Date;
  revision: number;
  number: number;
};
export type SecurityGroup = Standard & { name: string; stateful: boolean };
export type Rule = Standard & {
  groupId: string;
  direction: string;
  ethertype: string;
  protocol: string | null;
  portMin: number | null;
  portMax: number | null;
  prefix: string | null;
  remoteGroupId: string | null;
};
export type Port = Standard & {
  name: string;
  networkId: string;
  mac: string;
  address: number;
  adminStateUp: boolean;
  portSecurity: boolean;
  groupIds: string[];
  deviceId: string;
  deviceOwner: string;
  /** Nova made it for a server and takes it away with it. */
  madeByNova: boolean;
};
export type FloatingIp = Standard & {
  networkId: string;
  address: number;
  portId: string | null;
  /** The machine behind it could not be reached by it. */
  failed: boolean;
};

export type Attachment = { id: string; serverId: string; device: string; at: Date };
export type Volume = {
  id: string;
  name: string | null;
  description: string | null;
  sizeGib: number;
  status: string;
  metadata: Record<string, string>;
  userId: string;
  projectId: string;
  createdAt: Date;
  updatedAt: Date | null;
  attachment: Attachment | null;
};

export type Server = {
  id: string;
  name: string;
  /** Nova's `vm_state`: building, active, stopped, error. */
  vmState: "building" | "active" | "stopped" | "error";
  taskState: string | null;
  fault?: { message: string; code: number; at: Date };
  projectId: string;
  userId: string;
  flavour: Flavour;
  imageId: string;
  keyName: string | null;
  metadata: Record<string, string>;
  tags: string[];
  /** As sent: base64. */
  userData: string | null;
  portIds: string[];
  groupId: string | null;
  configDrive: boolean;
  createdAt: Date;
  updatedAt: Date;
  launchedAt: Date | null;
};

/** All things by id (keypairs by user and name), in the order they were made. */
export class State {
  #number = 0;

  /** 1, 2, 3…: what Neutron numbers its resources with. */
  nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  readonly projects = new Map<string, Project>();
  readonly users = new Map<string, User>();
  readonly credentials = new Map<string, Credential>();
  readonly tokens = new Map<string, Token>();
  readonly flavours = new Map<string, Flavour>();
  readonly images = new Map<string, Image>();
  readonly networks = new Map<string, Network>();
  readonly keypairs = new Map<string, Keypair>();
  readonly serverGroups = new Map<string, ServerGroup>();
  readonly securityGroups = new Map<string, SecurityGroup>();
  readonly rules = new Map<string, Rule>();
  readonly ports = new Map<string, Port>();
  readonly floatingIps = new Map<string, FloatingIp>();
  readonly volumes = new Map<string, Volume>();
  readonly servers = new Map<string, Server>();
}

export const keypairKey = (userId: string, name: string): string => `${userId} ${name}`;

/** Those of one project. */
export const ofProject = <T extends { projectId: string }>(items: Map<string, T>, projectId: string): T[] =>
  [...items.values()].filter((item) => item.projectId === projectId);
