/** What a simulated cloud starts with. Every default is what the lab has, so that the two can be exchanged. */
import type { FaultPlan } from "./faults.ts";
import type { QuotaLimits } from "./quotas.ts";
import type { Visibility } from "./state.ts";

/** Times in ms; 0, the default of each, means at once. */
export type Delays = {
  /** From the request until a server is ACTIVE (or ERROR). */
  build?: number;
  /** From the request until a server is gone. */
  delete?: number;
  /** From the request until a volume is available, or gone. */
  volume?: number;
  /** From the request until a volume is attached, or off. */
  attach?: number;
  /** From the request until a server's image is active. */
  image?: number;
};

export type FlavourOptions = { name: string; vcpus: number; ramMib: number; diskGib: number };
export type ImageOptions = {
  name: string;
  /** `active` by default. */
  status?: string;
  minDiskGib?: number;
  minRamMib?: number;
  /** null for one with nothing in it yet. */
  sizeBytes?: number | null;
  createdAt?: Date;
  properties?: Record<string, string>;
  /** `public` by default. */
  visibility?: Visibility;
  /** Name of the project it belongs to; by default one that nobody enters. */
  project?: string;
  /** Projects it is offered to, by name. */
  members?: readonly string[];
  protected?: boolean;
};
export type NetworkOptions = {
  name: string;
  /** IPv4, `10.99.0.0/22`. */
  cidr: string;
  /** Its first and last address for ports, as numbers within the network: `[2, 1022]`. */
  pool?: readonly [number, number];
  external?: boolean;
  /** A router joins it to the external network. */
  routed?: boolean;
  portSecurity?: boolean;
};
export type UserOptions = { name: string; password: string; projects: readonly string[] };
export type ProjectOptions = { name: string; quotas?: Partial<QuotaLimits> };
export type CredentialOptions = {
  id?: string;
  name: string;
  secret: string;
  user: string;
  project: string;
  unrestricted?: boolean;
};

/** What a compute driver needs to boot a machine that stands for a server. */
export type ServerFacts = {
  id: string;
  name: string;
  projectId: string;
  flavour: FlavourOptions;
  imageId: string;
  imageName: string;
  /** The public key that Nova would hand to the guest. */
  publicKey: string | null;
  /** Decoded: what the guest gets. */
  userData: Buffer | null;
  metadata: Readonly<Record<string, string>>;
  ports: PortFacts[];
};
export type PortFacts = {
  id: string;
  network: string;
  mac: string;
  address: string;
  prefixLength: number;
  gateway: string | null;
  /** The floating IP that leads to it. */
  floatingIp: string | null;
};

/**
 * Has machines stand for servers. What it leaves out the cloud imitates by itself; what takes time may return a
 * promise. Calls for one server may overlap: whoever must do one after the other sees to that.
 */
export type ComputeDriver = {
  /** A server is being built: it is ACTIVE when the promise is kept, and in ERROR with the reason when it is not. */
  create?(server: ServerFacts): void | Promise<void>;
  /** A server is being deleted, perhaps while it is being built; it is gone when the promise is kept, or broken. */
  remove?(server: ServerFacts): void | Promise<void>;
  /** The server is in REBOOT until the promise is kept, and in ERROR with the reason when it is not. */
  reboot?(server: ServerFacts, kind: "soft" | "hard"): void | Promise<void>;
  /** Switches it off or on, as `reboot`; before the server's state says so. */
  power?(server: ServerFacts, on: boolean): void | Promise<void>;
  /** The text of its serial console so far. */
  console?(server: ServerFacts): string;
  /** From now on `address` leads to this port of the server, or does so no longer. */
  floatingIp?(server: ServerFacts, portId: string, address: string, leads: boolean): void | Promise<void>;
  /** @throws Error when the server cannot have this volume: Nova refuses with its message (400) */
  attach?(server: ServerFacts, volumeId: string): void;
};

export type CloudOptions = {
  /** Decides all ids, addresses and chances. 1 by default. */
  seed?: number | string;
  /** What the cloud's clock shows at the start; the real time by default. */
  startTime?: Date;
  region?: string;
  /** A free one by default. */
  port?: number;
  users?: readonly UserOptions[];
  projects?: readonly ProjectOptions[];
  applicationCredentials?: readonly CredentialOptions[];
  /** 3,600,000 ms by default. */
  tokenLifetimeMs?: number;
  flavours?: readonly FlavourOptions[];
  networks?: readonly NetworkOptions[];
  images?: readonly ImageOptions[];
  /** Of the first user. */
  keypairs?: readonly { name: string; publicKey: string }[];
  delays?: Delays;
  /** How many servers find a host, over all projects; Infinity by default. */
  capacity?: number;
  faults?: readonly FaultPlan[];
  /** What the servers are; without one they are nothing but their names. */
  compute?: ComputeDriver;
};

export const labUser: UserOptions = { name: "demo", password: "demo", projects: ["demo"] };

export const labFlavours: readonly FlavourOptions[] = [
  { name: "m2.tiny", vcpus: 1, ramMib: 1024, diskGib: 4 },
  { name: "m2.small", vcpus: 1, ramMib: 2048, diskGib: 8 },
  { name: "m2.medium", vcpus: 2, ramMib: 4096, diskGib: 12 },
  { name: "m2.build", vcpus: 1, ramMib: 6144, diskGib: 12 },
  { name: "m2.large", vcpus: 2, ramMib: 6144, diskGib: 16 },
  { name: "m2.2xlarge", vcpus: 8, ramMib: 32_768, diskGib: 40 },
];

export const labNetworks: readonly NetworkOptions[] = [
  { name: "public", cidr: "172.24.4.0/24", pool: [100, 200], external: true },
  { name: "cloudforms_network", cidr: "10.99.0.0/22", routed: true },
  { name: "lustre_network", cidr: "10.98.0.0/22" },
];

export const labImage: ImageOptions = { name: "debian-12" };
