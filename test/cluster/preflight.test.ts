import { describe, expect, test } from "vitest";
import type { CloudFacts } from "../../src/cluster/facts.ts";
import { floatingIpPool } from "../../src/cluster/preflight-network.ts";
import { preflight } from "../../src/cluster/preflight.ts";
import type { ClusterPlan } from "../../src/cluster/plan.ts";
import type { ClusterState } from "../../src/cluster/state.ts";
import type { FloatingIp } from "../../src/world.ts";
import {
  clusterId,
  external,
  factsAfter,
  factsOf,
  image,
  internal,
  planOf,
  portOf,
  publicKey,
  serverOf,
  stateOf,
  volumeOf,
  type Fields,
} from "../support/plans.ts";

/** First-boot data that any cloud takes. */
const small = { bytes: 9000, node: "c1-master", fits: 1000 };
const check = (plan: ClusterPlan, facts: CloudFacts, state?: ClusterState) => preflight(plan, facts, state, small);
/** `slug: message (where)` of each problem. */
const told = (plan: ClusterPlan, facts: CloudFacts, state?: ClusterState): string[] =>
  check(plan, facts, state).problems.map(
    ({ slug, message, where }) => `${slug}: ${message}${where ? ` (${where})` : ""}`,
  );

const volumeId = "1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11";
const [ready] = factsOf().images;
const flavours = factsOf().flavours;
const anImage = (more: object) => ({ ...(ready ?? never()), ...more });
const never = (): never => {
  throw new Error("the usual facts have an image");
};
const anAddress = (more: Partial<FloatingIp>): FloatingIp => ({
  id: "f",
  address: "192.0.2.10",
  portId: null,
  poolId: "public-id",
  projectId: "p1",
  description: "",
  ...more,
});

test("a cloud that has everything is no problem", () => {
  expect(check(planOf(), factsOf())).toMatchObject({ problems: [], warnings: [] });
});

type Case = { what: string; fields?: Fields; facts: Partial<CloudFacts>; says: string[] };
const cases: Case[] = [
  {
    what: "an image that is not there",
    facts: { images: [] },
    says: [`image-missing: image '${image}' not found. Run: hailstack build-image (${image})`],
  },
  {
    what: "an image that is not active",
    facts: { images: [anImage({ status: "queued" })] },
    says: [`image-not-active: image '${image}' is queued, not active (image-id) (${image})`],
  },
  {
    what: "two active images",
    facts: { images: [anImage({}), anImage({ id: "other-id", createdAt: "2026-02-03T04:05:06Z" })] },
    says: [
      `image-ambiguous: 2 active images are called '${image}': image-id of 2026-01-02T03:04:05Z, other-id of 2026-02-03T04:05:06Z (${image})`,
    ],
  },
  {
    what: "an image for other processors",
    facts: { images: [anImage({ architecture: "aarch64" })] },
    says: [`image-architecture: image '${image}' is for aarch64 (image-id), bundles are for x86_64 (${image})`],
  },
  { what: "an image that says what it is for", facts: { images: [anImage({ architecture: "x86_64" })] }, says: [] },
  {
    what: "an active image beside a queued one",
    facts: { images: [anImage({ id: "q", status: "queued" }), anImage({})] },
    says: [],
  },
  {
    what: "flavours that are not there",
    facts: { flavours: [] },
    says: [
      "flavour-missing: flavour 'm2.medium' not found (m2.medium)",
      "flavour-missing: flavour 'm2.small' not found (m2.small)",
    ],
  },
  {
    what: "two flavours of one name",
    facts: { flavours: [...flavours, { ...(flavours[1] ?? never()), id: "small-2" }] },
    says: ["flavour-ambiguous: 2 flavours are called 'm2.small': small-id, small-2 (m2.small)"],
  },
  {
    what: "a flavour too small for the image",
    facts: { images: [anImage({ minDiskGib: 10, minRamMib: 4000 })] },
    says: [
      `flavour-disk: flavour 'm2.small' has a disk of 8 GiB, image '${image}' needs 10 GiB (m2.small)`,
      `flavour-memory: flavour 'm2.small' has 2048 MiB of memory, image '${image}' needs 4000 MiB (m2.small)`,
    ],
  },
  {
    what: "a flavour without a disk of its own",
    facts: { images: [anImage({ minDiskGib: 10 })], flavours: flavours.map((flavour) => ({ ...flavour, diskGib: 0 })) },
    says: [],
  },
  {
    what: "a network that is not there",
    fields: { "cluster.lustre_network": "lustre" },
    facts: {},
    says: ["network-missing: Network 'lustre' not found (lustre)"],
  },
  {
    what: "two networks of one name",
    facts: {
      networks: [internal("cloudforms_network"), { ...internal("cloudforms_network"), id: "n2" }, external("public")],
    },
    says: [
      "network-ambiguous: 2 networks are called 'cloudforms_network': cloudforms_network-id, n2 (cloudforms_network)",
    ],
  },
  {
    what: "a pool that is not there",
    fields: { "cluster.floating_ip_pool": "private" },
    facts: {},
    says: ["pool-missing: floating IP pool 'private' not found (private)"],
  },
  {
    what: "a pool that is no external network",
    fields: { "cluster.floating_ip_pool": "lustre_network" },
    facts: {},
    says: ["pool-missing: floating IP pool 'lustre_network' not found (lustre_network)"],
  },
  {
    what: "no external network at all",
    fields: { "cluster.floating_ip_pool": "" },
    facts: { networks: [internal("cloudforms_network")] },
    says: ["pool-missing: this project sees no external network to take a floating IP from"],
  },
  {
    what: "several pools and none named",
    fields: { "cluster.floating_ip_pool": "" },
    facts: { networks: [internal("cloudforms_network"), external("a"), external("b")] },
    says: ["pool-ambiguous: 2 external networks could give the floating IP: a, b"],
  },
  { what: "one pool and none named", fields: { "cluster.floating_ip_pool": "" }, facts: {}, says: [] },
  {
    what: "a server of our name that is not ours",
    facts: { servers: [serverOf({ id: "s9", name: "c1-worker-01", metadata: {} })] },
    says: [
      "name-taken: a server 'c1-worker-01' exists that this cluster did not make (s9 of 2026-01-02T03:04:05Z) (c1-worker-01)",
    ],
  },
  {
    what: "a server of our name that is another cluster's",
    facts: { servers: [serverOf({ id: "s9", name: "c1-master", metadata: { hailstack_cluster_id: "other" } })] },
    says: [
      "name-taken: a server 'c1-master' exists that this cluster did not make (s9 of 2026-01-02T03:04:05Z) (c1-master)",
    ],
  },
  {
    what: "a security group and a keypair that are not ours",
    facts: {
      securityGroups: [{ id: "g9", name: "c1-worker-sg", description: "mine", rules: [] }],
      keypairs: [{ name: "c1-keypair", publicKey, fingerprint: "aa:bb" }],
    },
    says: [
      "name-taken: a security group 'c1-worker-sg' exists that this cluster did not make (g9) (c1-worker-sg)",
      "name-taken: a keypair 'c1-keypair' exists that this cluster did not make (aa:bb) (c1-keypair)",
    ],
  },
  {
    what: "things whose names only begin alike",
    facts: {
      servers: [serverOf({ name: "c1-master-2", metadata: {} }), serverOf({ name: "c1-worker-99", metadata: {} })],
      securityGroups: [{ id: "g", name: "c1-master-sg-old", description: "", rules: [] }],
      keypairs: [{ name: "c1-keypair-old", publicKey, fingerprint: "f" }],
    },
    says: [],
  },
  {
    what: "what a killed run of this cluster left",
    facts: {
      servers: [serverOf({ name: "c1-master" })],
      securityGroups: [{ id: "g", name: "c1-master-sg", description: `Master (hailstack:${clusterId})`, rules: [] }],
    },
    says: [],
  },
];

test.for(cases)("$what", ({ fields, facts, says }) => {
  expect(told(planOf(fields), factsOf(facts))).toEqual(says);
});

test("everything that is wrong is told at once", () => {
  const plan = planOf({ "cluster.floating_ip": "192.0.2.10", "volumes.existing_volume_id": volumeId });
  const facts = factsOf({
    images: [],
    flavours: [],
    networks: [],
    keypairs: [{ name: "c1-keypair", publicKey, fingerprint: "f" }],
  });
  expect(check(plan, facts).problems.map(({ slug }) => slug)).toEqual([
    "image-missing",
    "flavour-missing",
    "flavour-missing",
    "network-missing",
    "floating-ip-missing",
    "volume-missing",
    "name-taken",
  ]);
});

test("every problem has a way out", () => {
  for (const { fields, facts } of cases) {
    for (const { fix } of check(planOf(fields), factsOf(facts)).problems) expect(fix).toMatch(/\w+ \w+/);
  }
});

test("of many names that would do, a few are shown", () => {
  const names = Array.from({ length: 20 }, (_, index) => `net-${index}`);
  const [problem] = check(planOf(), factsOf({ networks: [...names.map(internal), external("public")] })).problems;
  expect(problem?.fix).toBe(
    "choose one the project sees: net-0, net-1, net-2, net-3, net-4, net-5, net-6, net-7 and 13 more",
  );
});

describe("a given floating IP", () => {
  const plan = planOf({ "cluster.floating_ip": "192.0.2.10" });
  const with_ = (more: Partial<FloatingIp>, facts: Partial<CloudFacts> = {}) =>
    factsOf({ floatingIps: [anAddress(more)], ...facts });

  test.for<{ what: string; facts: CloudFacts; says: string[] }>([
    { what: "that is free is taken", facts: with_({}), says: [] },
    {
      what: "that is unknown is refused",
      facts: with_({ address: "192.0.2.11" }),
      says: ["floating-ip-missing: floating IP '192.0.2.10' not found in this project (192.0.2.10)"],
    },
    {
      what: "of another project is refused",
      facts: with_({ projectId: "p2" }),
      says: ["floating-ip-missing: floating IP '192.0.2.10' belongs to another project (192.0.2.10)"],
    },
    {
      what: "that is used is refused with who uses it",
      facts: with_({ portId: "p9" }, { ports: [portOf({ id: "p9", name: "web", deviceId: "server-9" })] }),
      says: ["floating-ip-used: floating IP '192.0.2.10' is attached to port web of server-9 (192.0.2.10)"],
    },
    {
      what: "that is used by a port nobody shows us is refused",
      facts: with_({ portId: "p9" }),
      says: ["floating-ip-used: floating IP '192.0.2.10' is attached to port p9 (192.0.2.10)"],
    },
  ])("$what", ({ facts, says }) => {
    expect(told(plan, facts)).toEqual(says);
  });

  test("that our own master has stays ours", () => {
    expect(told(plan, factsAfter(plan), stateOf(plan))).toEqual([]);
  });

  test("needs no pool", () => {
    expect(floatingIpPool(plan, [])).toBeUndefined();
    expect(told(plan, with_({}, { networks: [internal("cloudforms_network")] }))).toEqual([]);
  });

  test("that is wrong is answered with those that are free", () => {
    const [problem] = check(plan, with_({ address: "192.0.2.77" })).problems;
    expect(problem?.fix).toBe("use a free one: 192.0.2.77");
  });
});

describe("an existing volume", () => {
  const plan = planOf({ "volumes.existing_volume_id": volumeId });
  const attachedTo = (serverId: string) => [{ serverId, device: "/dev/vdb" }];

  test.for([
    { what: "that is available is taken", volume: volumeOf({ id: volumeId }), says: [] },
    {
      what: "that is not there is refused",
      volume: undefined,
      says: [`volume-missing: volume '${volumeId}' not found (${volumeId})`],
    },
    {
      what: "attached elsewhere is refused with where",
      volume: volumeOf({ id: volumeId, status: "in-use", attachedTo: attachedTo("s9") }),
      says: [
        `volume-unavailable: volume '${volumeId}' is not available for attachment: it is attached to server s9 (${volumeId})`,
      ],
    },
    {
      what: "in error is refused",
      volume: volumeOf({ id: volumeId, status: "error" }),
      says: [`volume-unavailable: volume '${volumeId}' is not available for attachment: it is error (${volumeId})`],
    },
    {
      what: "that is reserved is refused",
      volume: volumeOf({ id: volumeId, status: "reserved" }),
      says: [`volume-unavailable: volume '${volumeId}' is not available for attachment: it is reserved (${volumeId})`],
    },
  ])("$what", ({ volume, says }) => {
    expect(told(plan, factsOf(volume ? { volume } : {}))).toEqual(says);
  });

  test.for([
    { server: "c1-master-id", says: [] },
    {
      server: "c1-worker-01-id",
      says: [
        `volume-unavailable: volume '${volumeId}' is not available for attachment: it is attached to server c1-worker-01-id (${volumeId})`,
      ],
    },
  ])("attached to our own $server", ({ server, says }) => {
    const volume = volumeOf({ id: volumeId, status: "in-use", attachedTo: attachedTo(server) });
    expect(told(plan, factsAfter(plan, { volume }), stateOf(plan))).toEqual(says);
  });
});

test("a cluster that is as recorded has no problem with itself", () => {
  const plan = planOf({ "volumes.create": true, "cluster.lustre_network": "lustre_network" }, true);
  expect(check(plan, factsAfter(plan), stateOf(plan))).toEqual({ problems: [], warnings: [], quota: [] });
});

test("a keypair that a killed run had begun to make is ours", () => {
  const pending = [{ operation: "creating", name: "c1-keypair", kind: "Keypair" }];
  const facts = factsOf({ keypairs: [{ name: "c1-keypair", publicKey, fingerprint: "f" }] });
  expect(told(planOf(), facts, { resources: [], pending })).toEqual([]);
});

test("first-boot data beyond what Nova takes is refused with the number of workers that fit", () => {
  const plan = planOf({ "cluster.num_workers": 9 });
  const { problems } = preflight(plan, factsOf(), undefined, { bytes: 70_000, node: "c1-worker-09", fits: 8 });
  expect(problems).toEqual([
    {
      slug: "user-data-too-large",
      where: "c1-worker-09",
      message: "the first-boot data of c1-worker-09 would be 70000 bytes, Nova takes 65535",
      fix: "about 8 workers fit: lower cluster.num_workers or shorten cluster.name",
    },
  ]);
});

describe("a cluster that lives", () => {
  const plan = planOf();
  const retired = {
    images: [],
    flavours: [],
    networks: [internal("cloudforms_network"), external("other"), external("another")],
  };

  test("needs neither its image, its flavours nor its pool any more", () => {
    expect(told(plan, factsAfter(plan, retired), stateOf(plan))).toEqual([]);
  });

  test("needs the image and the one flavour of what it grows by, or makes again", () => {
    const slugs = [expect.stringMatching(/^image-missing/), expect.stringMatching(/^flavour-missing: .*m2\.small/)];
    expect(told(planOf({ "cluster.num_workers": 3 }), factsAfter(plan, retired), stateOf(plan))).toEqual(slugs);
    const state = stateOf(plan);
    const resources = state.resources.map((one) => ({ ...one, unfinished: one.name === "c1-worker-01" }));
    expect(told(plan, factsAfter(plan, retired), { ...state, resources })).toEqual(slugs);
  });
});
