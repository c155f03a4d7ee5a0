import { describe, expect, test } from "vitest";
import { imagePreflight, imageWish, type ImageFacts, type ImageWish } from "../../src/cluster/image-preflight.ts";
import type { Config } from "../../src/config/schema.ts";
import type { Flavour, Image, Network, Quotas } from "../../src/world.ts";

const image = "hailstack-b1";
const anImage = (more: Partial<Image> = {}): Image => ({
  id: "base-id",
  name: "debian-12",
  status: "active",
  minDiskGib: 0,
  minRamMib: 0,
  createdAt: "2026-01-02T03:04:05Z",
  ownerId: "nobody",
  visibility: "public",
  properties: {},
  ...more,
});
const published = (more: Partial<Image> = {}) => anImage({ id: "old-id", name: image, ownerId: "p1", ...more });
const flavour: Flavour = { id: "medium-id", name: "m2.medium", vcpus: 2, ramMib: 4096, diskGib: 12 };
const network: Network = { id: "net-id", name: "net", external: false, portSecurity: true };
const pool: Network = { id: "public-id", name: "public", external: true, portSecurity: true };
const room: Quotas = Object.fromEntries(
  ["instances", "cores", "ram_mib", "keypairs", "ports", "security_groups", "security_group_rules", "floating_ips"].map(
    (kind) => [kind, { limit: kind === "ram_mib" ? 8192 : 10, used: 0 }],
  ),
);
const wish = (more: Partial<ImageWish> = {}): ImageWish => ({
  image,
  base_image: "debian-12",
  flavour: "m2.medium",
  network: "net",
  floating_ip_pool: "public",
  allowed_cidrs: ["0.0.0.0/0"],
  replace: false,
  ...more,
});
const facts = (more: Partial<ImageFacts> = {}): ImageFacts => ({
  project_id: "p1",
  bases: [anImage()],
  published: [],
  flavours: [flavour],
  networks: [network, pool],
  quotas: room,
  room: undefined,
  ...more,
});
/** `slug: message` of each problem. */
const told = (wished: Partial<ImageWish>, found: Partial<ImageFacts>): string[] =>
  imagePreflight(wish(wished), facts(found)).problems.map(({ slug, message }) => `${slug}: ${message}`);
const warned = (wished: Partial<ImageWish>, found: Partial<ImageFacts>): string[] =>
  imagePreflight(wish(wished), facts(found)).warnings.map(({ slug }) => slug);

test("a project that has everything gives a site to build on, by ids", () => {
  expect(imagePreflight(wish(), facts())).toEqual({
    site: { base: anImage(), flavour, network, pool, superseded: [] },
    problems: [],
    warnings: [],
  });
});

test("there is no site while anything is wrong", () => {
  expect(imagePreflight(wish({ replace: false }), facts({ published: [published()] }))).not.toHaveProperty("site");
});

test("all that is wrong is told at once, in the order of the config", () => {
  const found = { bases: [], flavours: [], networks: [pool], published: [published()], quotas: {} };
  expect(imagePreflight(wish(), facts(found)).problems.map(({ slug }) => slug)).toEqual([
    "base-image-missing",
    "flavour-missing",
    "network-missing",
    "image-name-taken",
  ]);
});

describe("the base image", () => {
  test.for([
    { what: "is not there", bases: [], says: ["base-image-missing: base image 'debian-12' not found"] },
    {
      what: "is still being made",
      bases: [anImage({ status: "saving" })],
      says: ["base-image-not-active: base image 'debian-12' is saving, not active (base-id)"],
    },
    {
      what: "is one of two of that name",
      bases: [anImage(), anImage({ id: "other-id", createdAt: "2026-02-02T00:00:00Z" })],
      says: [
        "base-image-ambiguous: 2 active images are called 'debian-12': base-id of 2026-01-02T03:04:05Z, other-id of 2026-02-02T00:00:00Z",
      ],
    },
    {
      what: "is for other processors",
      bases: [anImage({ architecture: "aarch64" })],
      says: ["base-image-architecture: base image 'debian-12' is for aarch64 (base-id), bundles are for x86_64"],
    },
    { what: "says what it is for", bases: [anImage({ architecture: "x86_64" })], says: [] },
    { what: "has a queued one beside it", bases: [anImage({ id: "q", status: "queued" }), anImage()], says: [] },
  ])("that $what", ({ bases, says }) => {
    expect(told({}, { bases })).toEqual(says);
  });
});

describe("the flavour", () => {
  test.for([
    {
      what: "has too little of everything",
      flavours: [{ ...flavour, diskGib: 9, ramMib: 2047 }],
      says: [
        "flavour-disk: flavour 'm2.medium' has a disk of 9 GiB, the build of an image needs 10 GiB",
        "flavour-memory: flavour 'm2.medium' has 2047 MiB of memory, the build of an image needs 2048 MiB",
      ],
    },
    { what: "has just enough", flavours: [{ ...flavour, diskGib: 10, ramMib: 2048 }], says: [] },
    {
      what: "has no disk of its own",
      flavours: [{ ...flavour, diskGib: 0 }],
      says: [
        "flavour-disk: flavour 'm2.medium' has no disk of its own: a server of it is as large as the base image, and a bundle does not fit",
      ],
    },
    {
      what: "is one of two",
      flavours: [flavour, { ...flavour, id: "second" }],
      says: ["flavour-ambiguous: 2 flavours are called 'm2.medium': medium-id, second"],
    },
  ])("that $what", ({ flavours, says }) => {
    expect(told({}, { flavours })).toEqual(says);
  });

  test("has to hold what the base image asks for, where that is more", () => {
    expect(told({}, { bases: [anImage({ minDiskGib: 20, minRamMib: 8000 })] })).toEqual([
      "flavour-disk: flavour 'm2.medium' has a disk of 12 GiB, the build of an image needs 20 GiB",
      "flavour-memory: flavour 'm2.medium' has 4096 MiB of memory, the build of an image needs 8000 MiB",
    ]);
  });
});

describe("the way to the build server", () => {
  test("by the only pool there is, when none is named", () => {
    expect(imagePreflight(wish({ floating_ip_pool: "" }), facts()).site?.pool).toEqual(pool);
  });

  test("by a pool's id", () => {
    expect(imagePreflight(wish({ floating_ip_pool: "public-id" }), facts()).site?.pool).toEqual(pool);
  });

  test("has to be chosen where there are two pools", () => {
    const second = { ...pool, id: "second-id", name: "second" };
    expect(told({ floating_ip_pool: "" }, { networks: [network, pool, second] })).toEqual([
      "pool-ambiguous: 2 external networks could give the floating IP: public, second",
    ]);
  });

  test("is the server's own address where there is no external network, with a warning", () => {
    const found = { networks: [network], quotas: { ...room, floating_ips: { limit: 0, used: 0 } } };
    expect(told({ floating_ip_pool: "" }, found)).toEqual([]);
    expect(warned({ floating_ip_pool: "" }, found)).toEqual(["build-address"]);
    expect(imagePreflight(wish({ floating_ip_pool: "" }), facts(found)).site?.pool).toBeUndefined();
  });

  test("a pool that is named has to be there", () => {
    expect(told({}, { networks: [network] })).toEqual(["pool-missing: floating IP pool 'public' not found"]);
  });

  test("a network of which there are two is none", () => {
    expect(told({}, { networks: [network, { ...network, id: "twin" }, pool] })).toEqual([
      "network-ambiguous: 2 networks are called 'net': net-id, twin",
    ]);
  });
});

describe("an image of the name that is to be published", () => {
  const taken = `image-name-taken: an active image '${image}' is there already (old-id of 2026-01-02T03:04:05Z)`;

  test("is in the way, unless it shall be replaced", () => {
    expect(told({}, { published: [published()] })).toEqual([taken]);
    expect(imagePreflight(wish({ replace: true }), facts({ published: [published()] })).site?.superseded).toEqual([
      published(),
    ]);
  });

  test("of another project is in the way even then, and tells whose it is", () => {
    const found = facts({ published: [published({ ownerId: "p2" })] });
    expect(imagePreflight(wish({ replace: true }), found).problems).toEqual([
      expect.objectContaining({ slug: "image-name-taken", fix: expect.stringContaining("another project (p2)") }),
    ]);
  });

  test("that is not active is in nobody's way, and is not put aside", () => {
    const found = facts({ published: [published({ status: "queued" }), published({ id: "k", status: "killed" })] });
    expect(imagePreflight(wish({ replace: true }), found).site?.superseded).toEqual([]);
    expect(imagePreflight(wish(), found).problems).toEqual([]);
  });
});

describe("room", () => {
  const full = { limit: 1, used: 1 };
  test.for([
    ["instances", full, "quota: instances: need 1, available 0, missing 1 (quota 1, in use 1)"],
    ["keypairs", full, "quota: keypairs: need 1, available 0, missing 1 (quota 1, in use 1)"],
    ["ports", full, "quota: ports: need 1, available 0, missing 1 (quota 1, in use 1)"],
    ["security_groups", full, "quota: security_groups: need 1, available 0, missing 1 (quota 1, in use 1)"],
    ["floating_ips", full, "quota: floating_ips: need 1, available 0, missing 1 (quota 1, in use 1)"],
    ["cores", { limit: 2, used: 1 }, "quota: cores: need 2, available 1, missing 1 (quota 2, in use 1)"],
    [
      "ram_mib",
      { limit: 8192, used: 8000 },
      "quota: ram_mib: need 4096, available 192, missing 3904 (quota 8192, in use 8000)",
    ],
    [
      "security_group_rules",
      { limit: 4, used: 2 },
      "quota: security_group_rules: need 3, available 2, missing 1 (quota 4, in use 2)",
    ],
  ] as const)("for the build's %s", ([kind, quota, says]) => {
    expect(told({}, { quotas: { ...room, [kind]: quota } })).toEqual([says]);
  });

  test("for a rule of each range that may reach the server", () => {
    const quotas = { ...room, security_group_rules: { limit: 4, used: 0 } };
    expect(told({ allowed_cidrs: ["10.0.0.0/8", "192.168.0.0/16"] }, { quotas })).toEqual([]);
    expect(told({ allowed_cidrs: ["10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"] }, { quotas })).toHaveLength(1);
  });

  test.for([
    [{ images: { limit: 5, used: 5 } }, ["quota: images: need 1, available 0 (quota 5, in use 5)"]],
    [
      { size_mib: { limit: 10_000, used: 6000 } },
      ["quota: size_mib of images: need 4096, available 4000 (quota 10000, in use 6000)"],
    ],
    [{ images: { limit: 5, used: 7 } }, ["quota: images: need 1, available 0 (quota 5, in use 7)"]],
    [{ images: { limit: null, used: 900 }, size_mib: { limit: 4096, used: 0 } }, []],
  ] as const)("for the image itself: %j", ([space, says]) => {
    expect(told({}, { room: space })).toEqual(says);
  });
});

describe("what the config says of a build", () => {
  const packer = { base_image: "b", flavour: "f", network: "", floating_ip_pool: "", allowed_cidrs: ["10.0.0.0/8"] };
  const cluster = { network_name: "cluster-net", floating_ip_pool: "cluster-pool" };
  // A test's config has what is read of it.
  const config = (more: object) => ({ packer: { ...packer, ...more }, cluster }) as unknown as Config;

  test("network and pool are the cluster's where it names none", () => {
    expect(imageWish(config({}), image, true)).toEqual({
      image,
      base_image: "b",
      flavour: "f",
      network: "cluster-net",
      floating_ip_pool: "cluster-pool",
      allowed_cidrs: ["10.0.0.0/8"],
      replace: true,
    });
    expect(imageWish(config({ network: "own", floating_ip_pool: "pool" }), image, false)).toMatchObject({
      network: "own",
      floating_ip_pool: "pool",
      replace: false,
    });
  });
});
