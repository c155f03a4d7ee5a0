import { expect, test } from "vitest";
import { login, type Script, standInCloud, token } from "./stand-in.ts";

/** Opens a cloud that answers `script` after the login. */
const cloudOf = async (script: Script) => {
  const { standIn, clock, open } = await standInCloud({ [login]: [token()], ...script });
  return { standIn, clock, cloud: await open() };
};

test("servers come with flavour name, fault, image and every address, from every page", async () => {
  const server = {
    id: "s1",
    name: "c1-master",
    status: "ERROR",
    fault: { message: "No valid host was found.", code: 500, created: "2026-01-01T00:00:00Z" },
    metadata: { hailstack_cluster_id: "x" },
    flavor: { original_name: "m2.large", vcpus: 2, ram: 6144 },
    image: { id: "i1" },
    addresses: { net: [{ addr: "10.0.0.4", version: 4 }], other: [{ addr: "10.1.0.4" }] },
    "os-extended-volumes:volumes_attached": [{ id: "v1", delete_on_termination: false }],
    created: "2026-01-01T00:00:00Z",
  };
  const fromVolume = { ...server, id: "s2", name: "c1-worker-01", status: "ACTIVE", fault: undefined, image: "" };
  const path = "/compute/v2.1/servers/detail";
  const { cloud } = await cloudOf({
    [`GET ${path}?name=%5Ec1-`]: [
      // Behind a proxy Nova links to an address of its own; only the query counts.
      {
        json: {
          servers: [server],
          servers_links: [{ rel: "next", href: "http://10.9.9.9:8774/x?name=c1-&marker=s1" }],
        },
      },
    ],
    [`GET ${path}?name=c1-&marker=s1`]: [{ json: { servers: [fromVolume, { ...fromVolume, name: "xc1-" }] } }],
  });

  expect(await cloud.servers("c1-")).toEqual([
    {
      id: "s1",
      name: "c1-master",
      status: "ERROR",
      fault: "No valid host was found.",
      metadata: { hailstack_cluster_id: "x" },
      flavour: "m2.large",
      vcpus: 2,
      ramMib: 6144,
      imageId: "i1",
      addresses: ["10.0.0.4", "10.1.0.4"],
      volumeIds: ["v1"],
      createdAt: "2026-01-01T00:00:00Z",
    },
    expect.not.objectContaining({ imageId: expect.anything(), fault: expect.anything() }),
  ]);
});

test("pages that lead to themselves are an error, not an endless loop", async () => {
  const path = "/volume/v3/p1/volumes/detail";
  const links = [{ rel: "next", href: "http://x/?marker=v" }];
  const page = { json: { volumes: [], volumes_links: links } };
  const { cloud } = await cloudOf({ [`GET ${path}`]: [page], [`GET ${path}?marker=v`]: [page] });
  await expect(cloud.volumes()).rejects.toMatchObject({ problems: [{ slug: "cloud-answer-unexpected" }] });
});

test("images of exactly the name are found once each, shared and community ones too", async () => {
  const image = {
    id: "i1",
    name: "hail,1",
    status: "queued",
    min_disk: 10,
    min_ram: 512,
    created_at: "2026-01-01T00:00:00Z",
    visibility: "shared",
    owner: "p2",
    size: null,
  };
  const path = "/image/v2/images";
  const name = "name=in%3A%22hail%2C1%22";
  const { cloud } = await cloudOf({
    [`GET ${path}?${name}&member_status=all`]: [
      { json: { images: [image, { ...image, id: "i0", name: "hail" }], next: `/v2/images?${name}&marker=i1` } },
    ],
    [`GET ${path}?${name}&marker=i1`]: [{ json: { images: [{ ...image, id: "i2", architecture: "aarch64" }] } }],
    [`GET ${path}?${name}&visibility=community`]: [{ json: { images: [{ ...image, id: "i3" }, image] } }],
  });
  const seen = {
    name: "hail,1",
    status: "queued",
    minDiskGib: 10,
    minRamMib: 512,
    createdAt: "2026-01-01T00:00:00Z",
    visibility: "shared",
    ownerId: "p2",
    properties: {},
  };
  expect(await cloud.images("hail,1")).toEqual([
    { id: "i1", ...seen },
    { id: "i2", ...seen, architecture: "aarch64" },
    { id: "i3", ...seen },
  ]);
});

test("networks, floating IPs, ports and groups are read in Neutron's words", async () => {
  const fields = "fields=id&fields=name&fields=router%3Aexternal&fields=port_security_enabled";
  const portFields = "id,name,network_id,device_id,fixed_ips,description,security_groups"
    .split(",")
    .map((field) => `fields=${field}`)
    .join("&");
  const { cloud } = await cloudOf({
    [`GET /network/v2.0/networks?${fields}`]: [
      {
        json: {
          networks: [
            { id: "n1", name: "public", "router:external": true, port_security_enabled: false },
            { id: "n2", name: "old" },
          ],
        },
      },
    ],
    "GET /network/v2.0/floatingips": [
      {
        json: {
          floatingips: [
            {
              id: "f1",
              floating_ip_address: "192.0.2.1",
              port_id: null,
              floating_network_id: "n1",
              project_id: "p1",
              description: null,
            },
          ],
        },
      },
    ],
    [`GET /network/v2.0/ports?project_id=p1&${portFields}`]: [
      {
        json: {
          ports: [
            {
              id: "q1",
              name: "c1-master",
              network_id: "n2",
              device_id: "",
              fixed_ips: [{ ip_address: "10.0.0.4" }],
              description: "d",
              security_groups: ["g1"],
            },
          ],
        },
      },
    ],
    "GET /network/v2.0/security-groups?project_id=p1": [
      {
        json: {
          security_groups: [
            { id: "g1", name: "c1", description: "d", security_group_rules: [{ id: "r1", description: null }] },
          ],
        },
      },
    ],
  });

  expect(await cloud.networks()).toEqual([
    { id: "n1", name: "public", external: true, portSecurity: false },
    { id: "n2", name: "old", external: false, portSecurity: true },
  ]);
  expect(await cloud.floatingIps()).toEqual([
    { id: "f1", address: "192.0.2.1", portId: null, poolId: "n1", projectId: "p1", description: "" },
  ]);
  expect(await cloud.ports()).toEqual([
    {
      id: "q1",
      name: "c1-master",
      networkId: "n2",
      deviceId: "",
      addresses: ["10.0.0.4"],
      description: "d",
      securityGroupIds: ["g1"],
    },
  ]);
  expect(await cloud.securityGroups()).toEqual([
    { id: "g1", name: "c1", description: "d", rules: [{ id: "r1", description: "" }] },
  ]);
});

test("flavours, key pairs and server groups are read in Nova's words", async () => {
  const { cloud } = await cloudOf({
    "GET /compute/v2.1/flavors/detail": [
      { json: { flavors: [{ id: "1", name: "m2.large", vcpus: 2, ram: 6144, disk: 16 }] } },
    ],
    "GET /compute/v2.1/os-keypairs": [
      { json: { keypairs: [{ keypair: { name: "k", public_key: "ssh-ed25519 A", fingerprint: "aa:bb" } }] } },
    ],
    "GET /compute/v2.1/os-server-groups": [
      { json: { server_groups: [{ id: "g1", name: "one", policy: "affinity" }] } },
    ],
    "GET /compute/v2.1/os-server-groups?offset=1": [{ json: { server_groups: [{ id: "g2", name: "two" }] } }],
    "GET /compute/v2.1/os-server-groups?offset=2": [{ json: { server_groups: [] } }],
  });

  expect(await cloud.flavours()).toEqual([{ id: "1", name: "m2.large", vcpus: 2, ramMib: 6144, diskGib: 16 }]);
  expect(await cloud.keypairs()).toEqual([{ name: "k", publicKey: "ssh-ed25519 A", fingerprint: "aa:bb" }]);
  expect(await cloud.serverGroups()).toEqual([
    { id: "g1", name: "one" },
    { id: "g2", name: "two" },
  ]);
});

const limits = "GET /compute/v2.1/limits";
const keypairs = "GET /compute/v2.1/os-keypairs";
const details = "GET /network/v2.0/quotas/p1/details.json";
const volumeLimits = "GET /volume/v3/p1/limits";
const forbidden = { status: 403, json: { forbidden: { message: "no", code: 403 } } };

test("quotas are used and limit of each kind, null without a limit, reserved counted as used", async () => {
  const absolute = {
    totalInstancesUsed: 3,
    maxTotalInstances: 10,
    totalRAMUsed: 0,
    maxTotalRAMSize: -1,
    maxTotalKeypairs: 100,
  };
  const { cloud } = await cloudOf({
    [limits]: [{ json: { limits: { absolute: { ...absolute, maxServerGroupMembers: 8 }, rate: [] } } }],
    [keypairs]: [{ json: { keypairs: [] } }],
    [details]: [{ json: { quota: { port: { used: 2, reserved: 1, limit: 50 }, floatingip: { used: 0, limit: -1 } } } }],
    [volumeLimits]: [{ json: { limits: { absolute: { totalGigabytesUsed: 5, maxTotalVolumeGigabytes: 1000 } } } }],
  });
  expect(await cloud.quotas()).toEqual({
    instances: { used: 3, limit: 10 },
    ram_mib: { used: 0, limit: null },
    server_group_members: { used: 0, limit: 8 },
    keypairs: { used: 0, limit: 100 },
    ports: { used: 3, limit: 50 },
    floating_ips: { used: 0, limit: null },
    gigabytes: { used: 5, limit: 1000 },
  });
});

test("quotas the cloud will not tell are absent, and the others stay", async () => {
  const { cloud } = await cloudOf({
    [limits]: [{ json: { limits: { absolute: { totalCoresUsed: 1, maxTotalCores: 2, maxTotalKeypairs: 5 } } } }],
    [keypairs]: [forbidden],
    [details]: [{ status: 404 }],
    [volumeLimits]: [forbidden],
  });
  expect(await cloud.quotas()).toEqual({ cores: { used: 1, limit: 2 } });
});
