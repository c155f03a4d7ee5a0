/** What a project must offer before `build-image` may start. Pure, but for the one round of reads. */
import { uuid } from "../config/rules.ts";
import type { Config } from "../config/schema.ts";
import type { Problem } from "../errors.ts";
import type { Cloud, Flavour, Image, ImageRoom, Network, Quotas } from "../world.ts";
import { flavourNamed, flavourProblems } from "./preflight-flavour.ts";
import { missingNetworks, poolNamed, poolProblems } from "./preflight-network.ts";
import { problem } from "./problem.ts";
import { usableImage } from "./preflight.ts";
import { judgeQuotas } from "./quota.ts";

/** What the config says of a build, with what it takes from the cluster's own table. */
export type ImageWish = {
  /** Name of the image when it is published: `hailstack-<bundle>`. */
  image: string;
  /** Name or id. */
  base_image: string;
  flavour: string;
  network: string;
  /** Name or id of an external network; blank for the only one there is, or for no floating IP where there is none. */
  floating_ip_pool: string;
  allowed_cidrs: readonly string[];
  /** Publish although an image of that name is there. */
  replace: boolean;
};

export type ImageFacts = {
  project_id: string;
  /** Those of the base image's name, or the one of its id. */
  bases: Image[];
  /** Those of the name that is to be published. */
  published: Image[];
  flavours: Flavour[];
  networks: Network[];
  quotas: Quotas;
  room: ImageRoom | undefined;
};

/** What the build is made from and reached by, all by id. */
export type ImageSite = {
  base: Image;
  flavour: Flavour;
  network: Network;
  /** undefined: the build server is reached at its own address. */
  pool: Network | undefined;
  /** Active images of the published name, which the new one puts aside. */
  superseded: Image[];
};

/**
 * GiB and MiB. The largest bundle's downloads, what they unpack to and the finished system have needed 7 GiB at once;
 * its self-test runs Hail's JVM, 1 GiB by default, beside JupyterLab.
 */
const least = { diskGib: 10, ramMib: 2048 };
/** MiB of a finished image, compressed or not: for quotas that count them. */
const imageSizeMib = 4096;

/** @throws HailstackError (3) */
export async function readImageFacts(cloud: Cloud, wish: ImageWish): Promise<ImageFacts> {
  const [named, published, flavours, networks, quotas, room] = await Promise.all([
    cloud.images(wish.base_image),
    cloud.images(wish.image),
    cloud.flavours(),
    cloud.networks(),
    cloud.quotas(),
    cloud.imageRoom(),
  ]);
  const byId =
    named.length === 0 && uuid.fault(wish.base_image) === undefined ? await cloud.image(wish.base_image) : undefined;
  const bases = byId ? [byId] : named;
  return { project_id: cloud.identity.projectId, bases, published, flavours, networks, quotas, room };
}

/** Everything at once: either a site to build on, or every reason why not. */
export function imagePreflight(
  wish: ImageWish,
  facts: ImageFacts,
): { site?: ImageSite; problems: Problem[]; warnings: Problem[] } {
  const base = usableImage(facts.bases);
  const flavour = flavourNamed(wish.flavour, facts.flavours);
  const network = facts.networks.find(({ name }) => name === wish.network);
  const pool = poolNamed(wish.floating_ip_pool, facts.networks);
  const quotas = roomProblems(wish, facts, flavour, pool);
  const problems = [
    ...baseProblems(wish.base_image, facts.bases),
    ...flavourProblems(wish.flavour, facts.flavours, {
      by: "the build of an image",
      diskGib: Math.max(least.diskGib, base?.minDiskGib ?? 0),
      ramMib: Math.max(least.ramMib, base?.minRamMib ?? 0),
    }),
    ...(flavour?.diskGib === 0 ? [diskless(flavour)] : []),
    ...missingNetworks([wish.network], facts.networks),
    ...addressProblems(wish, facts.networks),
    ...nameProblems(wish, facts),
    ...imageRoomProblems(facts.room),
    ...quotas.problems,
  ];
  const warnings = [...(pool ? [] : [unreachable(wish.network)]), ...quotas.warnings];
  if (problems.length > 0 || !base || !flavour || !network) return { problems, warnings };
  return { site: { base, flavour, network, pool, superseded: active(facts.published) }, problems, warnings };
}

const active = (images: readonly Image[]): Image[] => images.filter(({ status }) => status === "active");

function baseProblems(name: string, bases: readonly Image[]): Problem[] {
  const usable = usableImage(bases);
  const choose = "set packer.base_image to the name or id of an image of Ubuntu 22.04 or 24.04 or Debian 12";
  if (usable) {
    const { architecture = "x86_64" } = usable;
    if (architecture === "x86_64") return [];
    const message = `base image '${name}' is for ${architecture} (${usable.id}), bundles are for x86_64`;
    return [problem("base-image-architecture", message, choose, name)];
  }
  const [first] = bases;
  if (!first) return [problem("base-image-missing", `base image '${name}' not found`, choose, name)];
  const usables = active(bases);
  if (usables.length === 0) {
    const message = `base image '${name}' is ${first.status}, not active (${first.id})`;
    return [problem("base-image-not-active", message, "wait until it is active, or choose another", name)];
  }
  const ids = usables.map(({ id, createdAt }) => `${id} of ${createdAt}`).join(", ");
  const message = `${usables.length} active images are called '${name}': ${ids}`;
  return [problem("base-image-ambiguous", message, "set packer.base_image to the id of one of them", name)];
}

const diskless = ({ name }: Flavour): Problem =>
  problem(
    "flavour-disk",
    `flavour '${name}' has no disk of its own: a server of it is as large as the base image, and a bundle does not fit`,
    `set packer.flavour to one with a disk of at least ${least.diskGib} GiB`,
    name,
  );

/** Blank and no external network at all is a cloud whose project network is reached directly. */
function addressProblems({ floating_ip_pool }: ImageWish, networks: readonly Network[]): Problem[] {
  if (floating_ip_pool === "" && !networks.some(({ external }) => external)) return [];
  return poolProblems(floating_ip_pool, networks, "packer.floating_ip_pool");
}

const unreachable = (network: string): Problem => ({
  slug: "build-address",
  message: "there is no external network: the build server is reached at its own address",
  where: network,
  fix: `make sure that this machine has a route to network '${network}'`,
});

/** Two active images of one name would leave `create` without a choice. */
function nameProblems({ image, replace }: ImageWish, { published, project_id }: ImageFacts): Problem[] {
  return active(published).flatMap(({ id, ownerId, createdAt }) => {
    const message = `an active image '${image}' is there already (${id} of ${createdAt})`;
    if (ownerId !== project_id) {
      const fix = `it belongs to another project (${ownerId}): create takes it as it is; to build another, choose another bundle`;
      return [problem("image-name-taken", message, fix, image)];
    }
    if (replace) return [];
    return [
      problem("image-name-taken", message, "use it as it is, or add --replace to put the new one in its place", image),
    ];
  });
}

function imageRoomProblems(room: ImageRoom | undefined): Problem[] {
  const wanted = [
    ["images", room?.images, 1],
    ["size_mib of images", room?.size_mib, imageSizeMib],
  ] as const;
  return wanted.flatMap(([what, quota, need]) => {
    if (!quota || quota.limit === null || quota.limit - quota.used >= need) return [];
    const message = `${what}: need ${need}, available ${Math.max(0, quota.limit - quota.used)} (quota ${quota.limit}, in use ${quota.used})`;
    return [problem("quota", message, "hailstack image prune, or ask for a larger quota", "images")];
  });
}

function roomProblems(
  { allowed_cidrs }: ImageWish,
  { quotas }: ImageFacts,
  flavour: Flavour | undefined,
  pool: Network | undefined,
) {
  const needs = {
    instances: 1,
    cores: flavour?.vcpus ?? 0,
    ram_mib: flavour?.ramMib ?? 0,
    keypairs: 1,
    ports: 1,
    security_groups: 1,
    // Neutron gives every new group two egress rules of its own.
    security_group_rules: 2 + allowed_cidrs.length,
    floating_ips: pool ? 1 : 0,
  };
  return judgeQuotas(needs, (kind) => quotas[kind], "choose a smaller packer.flavour");
}

/** As `Config` says it. `option` is `--replace`. */
export function imageWish({ packer, cluster }: Config, image: string, replace: boolean): ImageWish {
  if (!packer) throw new Error("build-image loads its config with a table [packer]");
  return {
    image,
    base_image: packer.base_image,
    flavour: packer.flavour,
    network: packer.network || cluster.network_name,
    floating_ip_pool: packer.floating_ip_pool || cluster.floating_ip_pool,
    allowed_cidrs: packer.allowed_cidrs,
    replace,
  };
}
