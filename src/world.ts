/**
 * Everything outside this process, as small interfaces. Commands and `cluster/` see only these; start.ts puts the
 * adapters behind them, tests put other ones there.
 */
import type { Addresses, Recorded } from "./cluster/outputs.ts";
import type { Role } from "./cluster/firewall.ts";
import type { ClusterPlan, PlannedNode } from "./cluster/plan.ts";
import type { ExitCode, Problem } from "./errors.ts";

/** Variables by name, as the process got them or as a child shall get them. */
export type Env = Readonly<Record<string, string | undefined>>;

export interface World {
  /** The process's own environment, before any `.env` file. */
  readonly env: Env;
  /** What is opened from now on goes by these: proxies, authorities and tools may stand in a `.env` file too. */
  useEnv(env: Env): void;
  readonly terminal: Terminal;
  readonly files: Files;
  readonly interrupts: Interrupts;
  /** This machine and our place on it; `alive` tells whether a process of it still runs. */
  readonly machine: { hostname: string; user: string; pid: number; alive(pid: number): boolean };
  now(): Date;
  /** Ends the process with this code once the command is done well; for answers that are neither yes nor failure. */
  setExitCode(code: number): void;
  exitCode(): number;
  /** Path of a file or folder that hailstack keeps for the user, below its own folder. */
  stateFile(name: string): Promise<string>;
  /** Text of a file that hailstack ships with. */
  asset(name: string): Promise<string>;
  /** Text of every file below a folder that hailstack ships with, by its path from there. */
  assetTree(folder: string): Promise<Readonly<Record<string, string>>>;
  /** A folder that hailstack ships with, and the SHA-256 (hex) of all that is in it. */
  assetFolder(name: string): Promise<{ path: string; digest: string }>;
  /** Finds credentials (clouds.yaml or `OS_*` in `env`) without a network call. @throws HailstackError (2) */
  resolveCloud(env: Env): Promise<CloudCredentials>;
  /** Logs in. @throws HailstackError (3) when the cloud refuses or cannot be reached */
  openCloud(credentials: CloudCredentials): Promise<Cloud>;
  openBucket(settings: BucketSettings): Promise<Bucket>;
  /** The Pulumi engine with its state in `bucket`. @throws HailstackError (2) when the toolchain is missing */
  openStacks(options: StacksOptions): Promise<Stacks>;
  /** Packer and its OpenStack plugin. @throws HailstackError (2) when they are missing or unfit */
  openImageBuilder(): Promise<ImageBuilder>;
  /**
   * The nodes of a cluster over SSH; connections are made when they are first needed.
   * @throws HailstackError (1) `ssh-key-unreadable` or `ssh-no-agent`
   */
  openNodes(options: NodesOptions): Promise<Nodes>;
  /** Runs this machine's own `ssh` on our three streams, to its end. Its exit code. @throws HailstackError (2) without one */
  runSsh(args: readonly string[]): Promise<number>;
  /** Where each program of the toolchain was found, or why not; contacts nothing. */
  findTools(): Promise<Tool[]>;
  /**
   * Downloads a file for its checksum alone, by this machine's proxies.
   * @throws HailstackError (1) when it cannot be had, (2) when a proxy or the authority's file is no use
   */
  fetchDigest(url: string, options: DigestOptions): Promise<Digest>;
}

export type DigestOptions = {
  algorithm: "sha256" | "sha512";
  /** PEM file of an authority to trust beside the machine's own. */
  caFile?: string;
  /** Called as it comes: bytes so far, and of how many where the server says so. */
  received?: (bytes: number, total: number | undefined) => void;
};
/** In lower-case hexadecimal digits, and of how many bytes. */
export type Digest = { hash: string; bytes: number };

/* ---- terminal ---- */

/** What happens while a command runs; the live region, the plain lines and `--json` are three printers of it. */
export type Progress =
  | {
      event: "stage";
      stage: string;
      state: "started" | "done" | "failed";
      detail?: string;
      seconds?: number;
      /** One of the `of` parts of the stage around it, and which: they are that stage's plan, and get a line each. */
      step?: number;
      of?: number;
    }
  /** `total` resources will be touched in the stage that runs now. */
  | { event: "plan"; total: number }
  | { event: "resource"; resource: string; kind: string; operation: Operation; state: "started" | "done" | "failed" }
  | { event: "note"; message: string }
  | ({ event: "warning" } & Problem)
  | ({ event: "error"; exit_code: number } & Problem)
  /** The last line of a `--json` run. */
  | { event: "result"; [key: string]: unknown };

export interface Terminal {
  /** A person can answer: stdin and stderr are terminals and this is not CI. */
  readonly interactive: boolean;
  /** One paragraph of the answer, on stdout. With `--json` only `result` prints there. */
  print(text: string): void;
  /** `text` as `print` would show it, for what is kept: without secrets and control characters. */
  shown(text: string): string;
  /** Columns under a header, for `print`. */
  table(rows: readonly (readonly string[])[], header: readonly string[]): string;
  /** The machine's answer: the one line of JSON that ends a `--json` run; nothing otherwise. */
  result(value: Readonly<Record<string, unknown>>): void;
  report(progress: Progress): void;
  /** Runs `work` as a named stage: one line when it starts, one with its time when it ends. */
  stage<T>(name: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>;
  /** Masks these, and their encoded forms, on every stream from now on. */
  hide(secrets: Iterable<string>): void;
  /** From now on a `--json` run. */
  useJson(): void;
  /** @throws HailstackError (2) without a terminal, naming `flag`; (1) when declined */
  confirm(question: string, flag: string): Promise<void>;
  /** As confirm, but the answer must be `name` itself. */
  confirmByTyping(name: string, question: string, flag: string): Promise<void>;
}

/* ---- this machine ---- */

export interface Files {
  /** UTF-8 text of a regular file of at most 1 MiB. @throws HailstackError (2), a distinct message per cause */
  readText(path: string): Promise<string>;
  /** undefined when there is no such file; other trouble throws as readText does. */
  readTextIfThere(path: string): Promise<string | undefined>;
  /** Of any size; undefined when there is no such file. */
  readBytesIfThere(path: string): Promise<Uint8Array | undefined>;
  exists(path: string): Promise<boolean>;
  /** Fine when there is no such file. */
  remove(path: string): Promise<void>;
  /** Permission bits, e.g. 0o600; undefined when there is no such file. */
  mode(path: string): Promise<number | undefined>;
  /** The old content or the new one is there at every instant, with `mode` from the first. */
  writeAtomic(path: string, content: string | Uint8Array, mode: number): Promise<void>;
  /** As writeAtomic, but fails when `path` exists. @throws HailstackError (2) */
  writeNew(path: string, content: string, mode: number): Promise<void>;
}

/** Ctrl-C and its relatives. While someone listens, the first signal does not end the process. */
export interface Interrupts {
  /** Calls back at each SIGINT, SIGTERM or SIGHUP with how many there have been; returns the way to stop listening. */
  listen(heard: (count: number, signal: NodeJS.Signals) => void): () => void;
  /** The exit code of the first signal, or undefined when there was none. */
  exitCode(): ExitCode | undefined;
}

/** A program hailstack runs. */
export type Tool = {
  name: string;
  wanted: string;
  /** Where it is and what version; undefined when it was not found. */
  path?: string;
  version?: string;
  source?: "HAILSTACK_TOOLCHAIN" | "beside hailstack" | "cache" | "PATH";
  /** The one command that needs it; undefined when clusters do. */
  neededBy?: string;
  problem?: Problem;
};

/* ---- OpenStack ---- */

/** One complete set of credentials, resolved once for our own calls and for every child. */
export type CloudCredentials = {
  /** Where they came from, for people: `clouds.yaml: lab (/home/a/.config/openstack/clouds.yaml)`. */
  readonly source: string;
  readonly authUrl: string;
  readonly region?: string;
  readonly interface: "public" | "internal" | "admin";
  readonly auth: CloudAuth;
  /** PEM file of a private certificate authority. */
  readonly cacertPath?: string;
  /** `verify: false` of clouds.yaml: certificates are not checked. */
  readonly insecure: boolean;
  /** The `OS_*` variables that say exactly this and nothing else. */
  readonly childEnv: Env;
  /** Every secret in it, for masking. */
  readonly secrets: readonly string[];
  readonly warnings: readonly Problem[];
};

type ById = { id: string };
type ByName = { name: string; domain?: { id: string } | { name: string } };
export type CloudAuth =
  | { kind: "password"; user: ById | ByName; password: string; project: ById | ByName }
  | { kind: "application-credential"; credential: ById | (ByName & { user: ById | ByName }); secret: string }
  | { kind: "token"; token: string; project?: ById | ByName };

export type CloudIdentity = {
  readonly authUrl: string;
  readonly user: string;
  readonly userId: string;
  readonly project: string;
  readonly projectId: string;
  readonly region: string;
};

export type Image = {
  id: string;
  name: string;
  status: string;
  minDiskGib: number;
  minRamMib: number;
  /** ISO 8601. */
  createdAt: string;
  /** Glance's `architecture` property, when it is set. */
  architecture?: string;
  /** Who may boot from it: its project; that and its members; who asks for community images; everybody. */
  visibility: ImageVisibility;
  /** Id of the project it belongs to; empty when it belongs to none. */
  ownerId: string;
  /** Absent until there is something in it. */
  sizeBytes?: number;
  /** Its free properties whose keys begin with `hailstack_`. */
  properties: Readonly<Record<string, string>>;
};
export type ImageVisibility = "private" | "shared" | "community" | "public";
/** A project that an image is shared with, and whether that project has taken it. */
export type ImageMember = { projectId: string; status: "pending" | "accepted" | "rejected" };
/** What is not named stays as it is. */
export type ImageChange = {
  name?: string;
  visibility?: ImageVisibility;
  properties?: Readonly<Record<string, string>>;
};
/** Room left for images; what the cloud does not limit or tell is absent. */
export type ImageRoom = { images?: Quota; size_mib?: Quota };
export type Project = { id: string; name: string; domainId: string };
export type Flavour = { id: string; name: string; vcpus: number; ramMib: number; diskGib: number };
export type Network = {
  id: string;
  name: string;
  external: boolean;
  /** Ports on it may carry security groups. */
  portSecurity: boolean;
};
export type FloatingIp = {
  id: string;
  address: string;
  /** The port it is attached to; null when it is free. */
  portId: string | null;
  poolId: string;
  projectId: string;
  description: string;
};
export type Volume = {
  id: string;
  name: string;
  sizeGib: number;
  /** Cinder's word: available, in-use, error… */
  status: string;
  attachedTo: { serverId: string; device: string }[];
  metadata: Readonly<Record<string, string>>;
};
export type Keypair = { name: string; publicKey: string; fingerprint: string };
export type Server = {
  id: string;
  name: string;
  /** Nova's word: ACTIVE, BUILD, ERROR, SHUTOFF… */
  status: string;
  /** Nova's reason for ERROR. */
  fault?: string;
  metadata: Readonly<Record<string, string>>;
  flavour: string;
  /** What it has of its flavour, also when that was retired. */
  vcpus: number;
  ramMib: number;
  imageId?: string;
  addresses: string[];
  volumeIds: string[];
  /** ISO 8601. */
  createdAt: string;
};
export type Port = {
  id: string;
  name: string;
  networkId: string;
  /** Empty when it is attached to nothing. */
  deviceId: string;
  addresses: string[];
  description: string;
  securityGroupIds: string[];
};
export type SecurityGroupRule = { id: string; description: string };
/** Each rule admits TCP to one port from one range, IPv4 or IPv6. */
export type NewSecurityGroup = { name: string; description: string; rules: { port: number; cidr: string }[] };
export type SecurityGroup = { id: string; name: string; description: string; rules: SecurityGroupRule[] };
export type ServerGroup = { id: string; name: string };

/** `limit` is null when there is none. */
export type Quota = { used: number; limit: number | null };
export const quotaKinds = [
  "instances",
  "cores",
  "ram_mib",
  "server_groups",
  "server_group_members",
  "keypairs",
  "ports",
  "security_groups",
  "security_group_rules",
  "floating_ips",
  "volumes",
  "gigabytes",
] as const;
export type QuotaKind = (typeof quotaKinds)[number];
/** A kind is absent when the cloud does not tell it to us. */
export type Quotas = Partial<Record<QuotaKind, Quota>>;

/** What hailstack can delete by itself; everything else goes through Pulumi. */
export type Sweepable =
  | "server"
  | "port"
  | "floating IP"
  | "volume"
  | "security group rule"
  | "security group"
  | "server group"
  | "keypair"
  | "image";

/** One project of one OpenStack, over REST. Lists are complete: paging is the adapter's business. */
export interface Cloud {
  readonly identity: CloudIdentity;
  /** As the credentials' own `childEnv`, with what only the cloud could tell (region, user behind an id): for children. */
  readonly childEnv: Env;
  /** Seconds the identity service's clock is ahead of ours (negative: behind). */
  readonly clockSkewSeconds: number;
  /** Every image of exactly this name that the project can see, whatever its status. */
  images(name: string): Promise<Image[]>;
  /** Every image of a build of ours that the project can see: its own, those shared with it or offered, community. */
  builtImages(): Promise<Image[]>;
  /** Every image that belongs to the project. */
  ownImages(): Promise<Image[]>;
  /** Images of other projects that are shared with this one, and that it has not accepted or rejected yet. */
  offeredImages(): Promise<Image[]>;
  image(id: string): Promise<Image | undefined>;
  /** @throws HailstackError (3) when the image is another project's */
  changeImage(id: string, change: ImageChange): Promise<Image>;
  /** Its owner is told of all members, a member of itself. @throws HailstackError (3) unless it is shared */
  imageMembers(id: string): Promise<ImageMember[]>;
  /** Offers a shared image to a project; fine when that was done before. The cloud takes any id, also nobody's. */
  shareImage(id: string, projectId: string): Promise<void>;
  /** Accepts, for this project, an image that was offered to it. */
  acceptImage(id: string): Promise<void>;
  /** undefined when the cloud keeps no quota of images, or does not tell it. */
  imageRoom(): Promise<ImageRoom | undefined>;
  /** `complete` is false when the cloud let only those projects be searched that the user may enter. */
  projectsNamed(name: string): Promise<{ projects: Project[]; complete: boolean }>;
  flavours(): Promise<Flavour[]>;
  networks(): Promise<Network[]>;
  floatingIps(): Promise<FloatingIp[]>;
  volumes(): Promise<Volume[]>;
  volume(id: string): Promise<Volume | undefined>;
  keypairs(): Promise<Keypair[]>;
  createKeypair(name: string, publicKey: string): Promise<Keypair>;
  /** All of the project, or those whose name starts with `prefix`. */
  servers(prefix?: string): Promise<Server[]>;
  ports(): Promise<Port[]>;
  securityGroups(): Promise<SecurityGroup[]>;
  /** Its id. What fails halfway leaves the group, to be found by its name. */
  createSecurityGroup(wanted: NewSecurityGroup): Promise<string>;
  /** A free one of the external network `poolId`. */
  createFloatingIp(wanted: { poolId: string; description: string }): Promise<FloatingIp>;
  serverGroups(): Promise<ServerGroup[]>;
  quotas(): Promise<Quotas>;
  /** The last `lines` lines a server wrote to its console; undefined when the cloud will not say. */
  consoleLog(serverId: string, lines: number): Promise<string | undefined>;
  /** Shuts the guest down and waits until it is off, at most `timeoutMs`; true when it is. */
  stopServer(serverId: string, timeoutMs: number): Promise<boolean>;
  /** Takes a volume off a server and waits until it is off. */
  detachVolume(serverId: string, volumeId: string): Promise<void>;
  /** Deletes one thing and waits until it is gone; fine when it already was. */
  delete(kind: Sweepable, id: string): Promise<void>;
}

/* ---- S3 ---- */

export type BucketSettings = {
  /** URL or bare host (then https). */
  readonly endpoint: string;
  readonly bucket: string;
  readonly access_key: string;
  readonly secret_key: string;
};

/** One S3 bucket. All methods @throws HailstackError (4) when the store refuses, is away or has no such bucket. */
export interface Bucket {
  readonly name: string;
  /** The endpoint's host, for messages. */
  readonly host: string;
  /** undefined only when the bucket answers and has no such object. */
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, body: string | Uint8Array): Promise<void>;
  /** False when the object was there already. */
  putIfAbsent(key: string, body: string): Promise<boolean>;
  /** Fine when there is no such object. */
  delete(key: string): Promise<void>;
  /** Every key below the prefix, in order. */
  list(prefix: string): Promise<{ key: string; modified: Date }[]>;
  /** Seconds the store's clock is ahead of ours, from its last answer; undefined before the first. */
  clockSkewSeconds(): number | undefined;
}

/* ---- Pulumi ---- */

export type Operation = "create" | "update" | "delete" | "replace" | "same" | "read";

/** One step of a preview or an update. */
export type Change = {
  operation: Operation;
  /** The logical name: `c1-worker-01`. */
  name: string;
  /** Pulumi's type token: `openstack:compute/instance:Instance`. */
  type: string;
  urn: string;
  /** Input properties that differ, for update and replace. */
  properties: string[];
};

export type StacksOptions = {
  cluster: string;
  /** Stack name, unique in the bucket. */
  stack: string;
  /** True when the store holds the stack already: asked there by key, never guessed from an error's words. */
  exists: boolean;
  bucket: BucketSettings;
  passphrase: string;
  /** `OS_*` for the provider: `Cloud.childEnv`. */
  cloudEnv: Env;
};

/** The plan with everything the cloud had to be asked for. */
export type ClusterProgram = {
  plan: ClusterPlan;
  ids: {
    region: string;
    image: string;
    /** Name of the external network to take an address from. */
    pool: string;
    /** Id by flavour name. */
    flavours: Readonly<Record<string, string>>;
    networks: Readonly<Record<string, { id: string; portSecurity: boolean }>>;
  };
  /** First-boot data of one node, given every node's address. */
  userData: (node: PlannedNode, addresses: Addresses) => string;
  recorded: Recorded;
};

export type RunOptions = {
  /** Ask the cloud about every recorded resource first. */
  refresh?: boolean;
  /** URNs of resources to delete and make again. */
  replace?: readonly string[];
  /** Stop, as a first Ctrl-C would, after this long. */
  timeoutMs?: number;
};

export interface Stacks {
  /** What `up` would do, without a lock; with `stateless` against an empty private state that is thrown away. */
  preview(
    program: ClusterProgram,
    options?: { stateless?: boolean; refresh?: boolean; replace?: readonly string[] },
  ): Promise<Change[]>;
  /** @throws HailstackError (1) with the cloud's own reasons, (4) for state trouble, (130, 143) when interrupted */
  up(program: ClusterProgram, options?: RunOptions): Promise<Record<string, unknown>>;
  /** Deletes every resource and then the stack itself. @throws HailstackError as up */
  destroy(options?: RunOptions): Promise<void>;
  /** Whether the engine has had the stack in hand: it was there, or this object made it. */
  opened(): boolean;
  /** How many resources this object has begun to change. */
  touched(): number;
  close(): Promise<void>;
}

/* ---- Packer ---- */

/** What Packer is to do. */
export type ImageBuild = {
  /** Folder with the template (`*.pkr.hcl`). */
  readonly template: string;
  /** The template's variables; `inputs_dir`, `results_dir` and `ssh_private_key_file` come to them. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** `OS_*` for the plugin: `Cloud.childEnv`. */
  readonly cloudEnv: Env;
  /** Text by path, laid below `inputs_dir`. */
  readonly files: Readonly<Record<string, string>>;
  /** Text of `ssh_private_key_file`. */
  readonly sshPrivateKey: string;
  /** Everything that is said goes to the end of this file, 0600, as it comes, secrets masked. */
  readonly logFile: string;
  /** Masked from now on, here and in the terminal. */
  readonly secrets: readonly string[];
};

export type BuiltImage = {
  readonly id: string;
  /** Text by name of the files the template downloaded into `results_dir`. */
  readonly results: Readonly<Record<string, string>>;
};

/** One run at a time; phases and stages of it are reported as progress, within the stage that runs. */
export interface ImageBuilder {
  /** Whether Packer takes the template and its variables; its plugin logs in to the cloud for that. @throws as build */
  validate(build: ImageBuild): Promise<void>;
  /**
   * A failed or interrupted build has removed its server, or says that it has not.
   * `timeoutMs`: stop, as a first Ctrl-C would, after this long.
   * @throws HailstackError (1) naming phase, script and last lines, (130, 143) when interrupted
   */
  build(build: ImageBuild, options?: { timeoutMs?: number }): Promise<BuiltImage>;
  /** Removes what runs have left on this machine, the log files apart. */
  close(): Promise<void>;
}

/* ---- nodes ---- */

export type NodeAddress = {
  /** The server's name: `c1-worker-01`. */
  name: string;
  /** The master's is reached from here, a worker's from the master. */
  address: string;
  /** Of its SSH server; 22 unless told. */
  port?: number;
  role: Role;
  /** Pinned host keys, `ssh-ed25519 AAAA…`; when there are none, `unknownHostKey` decides. */
  hostKeys: readonly string[];
};

export type NodesOptions = {
  user: string;
  master: NodeAddress;
  workers: readonly NodeAddress[];
  /** Path of a private key; without one, the agent at `SSH_AUTH_SOCK` of `env` is asked. */
  sshKey?: string | undefined;
  /** Public keys that let people in: those of the agent come first, for a server listens to three. */
  publicKeys?: readonly string[];
  env: Env;
  /** Called with what a node without pinned keys shows; returns when it may be used. Without it, nothing is accepted. */
  unknownHostKey?: ((node: string, key: string) => Promise<void>) | undefined;
};

export type NodeAnswer = {
  /** 128 and its number when a signal ended the command. */
  code: number;
  /** UTF-8, no more than `maxBytes` of each. */
  stdout: string;
  stderr: string;
};

/**
 * Commands on nodes by SSH, one kept connection a node, workers through the master. What keeps us from getting in is
 * a HailstackError (1) that names the node: `ssh-refused`, `ssh-timeout`, `ssh-auth`, `ssh-host-key`.
 */
export interface Nodes {
  /**
   * Runs one program with exactly these arguments. `maxBytes`: of each stream, 1 MiB unless told; the rest is dropped.
   * @throws HailstackError (1) `ssh-command-time` after `timeoutMs`, `ssh-lost` when the connection ends meanwhile
   */
  run(
    node: string,
    command: readonly string[],
    options?: { stdin?: string; timeoutMs?: number; maxBytes?: number },
  ): Promise<NodeAnswer>;
  /** Hands what comes to a port of 127.0.0.1 (0: a free one) on to a port of a node's own 127.0.0.1, until `close`. */
  forward(node: string, localPort: number, remotePort: number): Promise<Tunnel>;
  close(): Promise<void>;
}
export type Tunnel = { port: number; close(): Promise<void> };
