/** Images and what a build of one needs, as the adapter reads and writes them. */
import { expect, test } from "vitest";
import { login, type Script, standInCloud, token } from "./stand-in.ts";

/** Opens a cloud that answers `script` after the login. */
const cloudOf = async (script: Script) => {
  const { standIn, open } = await standInCloud({ [login]: [token()], ...script });
  return { standIn, cloud: await open() };
};

const path = "/image/v2/images";
const glances = (id: string, more: object = {}) => ({
  id,
  name: "hailstack-b1",
  status: "active",
  min_disk: 10,
  min_ram: 0,
  created_at: "2026-01-01T00:00:00Z",
  visibility: "private",
  owner: "p1",
  size: 3_000_000_000,
  hailstack_kind: "image",
  hailstack_bundle: "b1",
  hw_rng_model: "virtio",
  ...more,
});
const ours = (id: string, more: object = {}) => ({
  id,
  name: "hailstack-b1",
  status: "active",
  minDiskGib: 10,
  minRamMib: 0,
  createdAt: "2026-01-01T00:00:00Z",
  visibility: "private",
  ownerId: "p1",
  sizeBytes: 3_000_000_000,
  properties: { hailstack_kind: "image", hailstack_bundle: "b1" },
  ...more,
});

test("images of builds are asked for by their property, offered and community ones too", async () => {
  const query = "hailstack_kind=image";
  const { cloud } = await cloudOf({
    [`GET ${path}?${query}&member_status=all`]: [
      { json: { images: [glances("i1")], next: `/v2/images?${query}&marker=i1` } },
    ],
    [`GET ${path}?${query}&marker=i1`]: [{ json: { images: [glances("i2", { owner: null, size: 0 })] } }],
    [`GET ${path}?${query}&visibility=community`]: [{ json: { images: [glances("i1")] } }],
  });
  const { sizeBytes: _, ...empty } = ours("i2", { ownerId: "" });

  expect(await cloud.builtImages()).toEqual([ours("i1"), empty]);
});

test("offers are other projects' images alone", async () => {
  const { cloud } = await cloudOf({
    [`GET ${path}?visibility=shared&member_status=pending`]: [
      { json: { images: [glances("i1", { visibility: "shared" }), glances("i2", { owner: "p2" })] } },
    ],
  });
  expect(await cloud.offeredImages()).toEqual([ours("i2", { ownerId: "p2" })]);
});

test("images of one's own come by owner, in long pages", async () => {
  const { cloud } = await cloudOf({ [`GET ${path}?owner=p1&limit=1000`]: [{ json: { images: [glances("i1")] } }] });
  expect(await cloud.ownImages()).toEqual([ours("i1")]);
});

test("one image, or none", async () => {
  const { cloud } = await cloudOf({ [`GET ${path}/i%2F1`]: [{ json: glances("i1") }, { status: 404 }] });
  expect(await cloud.image("i/1")).toEqual(ours("i1"));
  expect(await cloud.image("i/1")).toBeUndefined();
});

test("a change is one JSON patch, sent again when its answer is lost", async () => {
  const { cloud, standIn } = await cloudOf({ [`PATCH ${path}/i1`]: [{ hangUp: true }, { json: glances("i1") }] });
  const change = { name: "hailstack-b1", visibility: "shared", properties: { hailstack_superseded: "true" } } as const;

  expect(await cloud.changeImage("i1", change)).toEqual(ours("i1"));
  expect(standIn.bodies.at(-1)).toEqual([
    { op: "replace", path: "/name", value: "hailstack-b1" },
    { op: "replace", path: "/visibility", value: "shared" },
    { op: "add", path: "/hailstack_superseded", value: "true" },
  ]);
});

test("sharing is fine when it was done before, also by the attempt whose answer was lost", async () => {
  const { cloud, standIn } = await cloudOf({
    [`POST ${path}/i1/members`]: [{ hangUp: true }, { status: 409 }],
    [`GET ${path}/i1/members`]: [
      { json: { members: [{ member_id: "p2", image_id: "i1", status: "pending" }], schema: "/v2/schemas/members" } },
    ],
    [`PUT ${path}/i1/members/p1`]: [{ json: { member_id: "p1", status: "accepted" } }],
  });
  await cloud.shareImage("i1", "p2");
  expect(standIn.bodies.at(-1)).toEqual({ member: "p2" });
  expect(await cloud.imageMembers("i1")).toEqual([{ projectId: "p2", status: "pending" }]);
  await cloud.acceptImage("i1");
  expect(standIn.bodies.at(-1)).toEqual({ status: "accepted" });
});

const told = (usage: object) => ({ json: { usage } });
test.for([
  {
    when: "both limits are told",
    answer: told({ image_count_total: { usage: 3, limit: 10 }, image_size_total: { usage: 0, limit: -1 } }),
    room: { images: { used: 3, limit: 10 }, size_mib: { used: 0, limit: null } },
  },
  {
    when: "one is",
    answer: told({ image_size_total: { usage: 5, limit: 9 } }),
    room: { size_mib: { used: 5, limit: 9 } },
  },
  { when: "Glance keeps none", answer: told({}), room: undefined },
  { when: "Glance is too old to tell", answer: { status: 404 }, room: undefined },
  { when: "a policy forbids it", answer: { status: 403 }, room: undefined },
])("the room for images when $when", async ({ answer, room }) => {
  const { cloud } = await cloudOf({ "GET /image/v2/info/usage": [answer] });
  expect(await cloud.imageRoom()).toEqual(room);
});

const projects = (...names: string[]) => ({
  json: { projects: names.map((name, index) => ({ id: `p${index + 1}`, name, domain_id: "d1", enabled: true })) },
});

test("projects are found by name among all, where the cloud allows it", async () => {
  const { cloud } = await cloudOf({ "GET /v3/projects?name=gen+omes": [projects("gen omes", "GEN OMES")] });
  expect(await cloud.projectsNamed("gen omes")).toEqual({
    projects: [{ id: "p1", name: "gen omes", domainId: "d1" }],
    complete: true,
  });
});

test("else among those that the user may enter", async () => {
  const { cloud } = await cloudOf({
    "GET /v3/projects?name=two": [{ status: 403 }, { status: 403 }],
    "GET /v3/auth/projects": [projects("one", "two"), { status: 403 }],
  });
  expect(await cloud.projectsNamed("two")).toEqual({
    projects: [{ id: "p2", name: "two", domainId: "d1" }],
    complete: false,
  });
  expect(await cloud.projectsNamed("two")).toEqual({ projects: [], complete: false });
});

test("a key pair, a group with its rules and an address are made in the services' words", async () => {
  const pair = { name: "k", public_key: "ssh-ed25519 A", fingerprint: "aa:bb" };
  const address = {
    id: "f1",
    floating_ip_address: "192.0.2.1",
    port_id: null,
    floating_network_id: "n1",
    project_id: "p1",
    description: "d",
  };
  const { cloud, standIn } = await cloudOf({
    "POST /compute/v2.1/os-keypairs": [{ status: 201, json: { keypair: { ...pair, type: "ssh", user_id: "u1" } } }],
    "POST /network/v2.0/security-groups": [{ status: 201, json: { security_group: { id: "g1" } } }],
    "POST /network/v2.0/security-group-rules": [
      { status: 201, json: {} },
      { status: 201, json: {} },
    ],
    "POST /network/v2.0/floatingips": [{ status: 201, json: { floatingip: address } }],
  });
  const rules = ["10.0.0.0/8", "2001:db8::/32"].map((cidr) => ({ port: 22, cidr }));

  expect(await cloud.createKeypair("k", "ssh-ed25519 A")).toMatchObject({ name: "k", publicKey: "ssh-ed25519 A" });
  expect(await cloud.createSecurityGroup({ name: "g", description: "d", rules })).toBe("g1");
  expect(await cloud.createFloatingIp({ poolId: "n1", description: "d" })).toMatchObject({ address: "192.0.2.1" });
  const rule = (ethertype: string, remote_ip_prefix: string) => ({
    security_group_rule: {
      security_group_id: "g1",
      direction: "ingress",
      ethertype,
      protocol: "tcp",
      port_range_min: 22,
      port_range_max: 22,
      remote_ip_prefix,
    },
  });
  expect(standIn.bodies.slice(1)).toEqual([
    { keypair: { name: "k", public_key: "ssh-ed25519 A" } },
    { security_group: { name: "g", description: "d" } },
    rule("IPv4", "10.0.0.0/8"),
    rule("IPv6", "2001:db8::/32"),
    { floatingip: { floating_network_id: "n1", description: "d" } },
  ]);
});
