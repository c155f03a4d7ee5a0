/** Time and repeatability. */
import { afterEach, expect, test } from "vitest";
import type { CloudOptions } from "./options.ts";
import { type SimulatedCloud, startCloud } from "./cloud.ts";
import { type Client, logIn, networkId, serverBody } from "./test-client.ts";

let cloud: SimulatedCloud;
let client: Client;
afterEach(() => cloud.stop());

async function start(options: CloudOptions) {
  cloud = await startCloud(options);
  client = await logIn(cloud);
}
const create = async (name: string, more = {}) =>
  String((await client.send("compute", "POST", "/v2.1/servers", serverBody(cloud, name, more))).at("server.id"));
const statusOf = async (id: string) => (await client.send("compute", "GET", `/v2.1/servers/${id}`)).at("server.status");

test("a server is ACTIVE at once, and in BUILD for as long as the cloud takes when it takes time", async () => {
  await start({ delays: { build: 60_000, delete: 30_000 } });
  const id = await create("s");

  expect(await statusOf(id)).toBe("BUILD");
  cloud.clock.advance(60_000);
  expect(await statusOf(id)).toBe("ACTIVE");

  await client.send("compute", "DELETE", `/v2.1/servers/${id}`);
  expect(await statusOf(id)).toBe("ACTIVE");
  cloud.clock.advance(30_000);
  expect(await statusOf(id)).toBeUndefined();
});

async function portsIn(order: readonly string[], seed: number) {
  await start({ seed });
  const network_id = networkId(cloud, "cloudforms_network");
  const answers = await Promise.all(
    order.map((name) => client.send("network", "POST", "/v2.0/ports", { port: { network_id, name } })),
  );
  await cloud.stop();
  return Object.fromEntries(
    answers.map((answer) => [
      answer.at("port.name"),
      [answer.at("port.id"), answer.at("port.fixed_ips[0].ip_address")],
    ]),
  );
}

test("one seed gives the same ids and addresses, in whatever order things are asked for", async () => {
  const names = ["a", "b", "c", "d"];
  const first = await portsIn(names, 5);

  expect(await portsIn(names.toReversed(), 5)).toEqual(first);
  expect(await portsIn(names, 6)).not.toEqual(first);
});

test("two clouds at once know nothing of each other", async () => {
  await start({});
  const other = await startCloud();
  cloud.admin.addKeypair("mine", "ssh-ed25519 AAAA");

  expect(other.objects().keypairs).toEqual([]);
  await other.stop();
});

test("a cloud tells its own time", async () => {
  await start({ startTime: new Date("2030-01-02T03:04:05Z") });

  const answer = await client.send("network", "GET", "/v2.0/networks");
  expect(answer.headers.get("date")).toMatch(/^Wed, 02 Jan 2030 03:04:/);
  expect(answer.at("networks[0].created_at")).toMatch(/^2030-01-02T03:04:/);
});

test("a server's image is queued, saved and active with what its base says, and the server is busy meanwhile", async () => {
  const base = { name: "debian-12", minDiskGib: 2, properties: { hw_rng_model: "virtio" } };
  await start({ images: [base], delays: { image: 60_000 } });
  const id = await create("s");
  const body = { createImage: { name: "i", metadata: { hailstack_kind: "image" } } };
  const make = () => client.send("compute", "POST", `/v2.1/servers/${id}/action`, body);
  const made = await make();
  const imageId = String(made.at("image_id"));
  const image = () => client.send("image", "GET", `/v2/images/${imageId}`);

  expect([made.status, (await make()).status, (await image()).at("status")]).toEqual([202, 409, "queued"]);
  cloud.clock.advance(30_000);
  expect([(await image()).at("status"), (await image()).at("size")]).toEqual(["saving", null]);
  cloud.clock.advance(30_000);
  expect((await image()).body).toMatchObject({
    name: "i",
    status: "active",
    visibility: "private",
    min_disk: 4,
    hailstack_kind: "image",
    hw_rng_model: "virtio",
    image_type: "snapshot",
    instance_uuid: id,
    base_image_ref: [...cloud.state.images.keys()][0],
  });
  expect((await make()).status).toBe(202);
  cloud.admin.deleteServer(id);
  cloud.clock.advance(60_000);
  expect(cloud.state.images.size).toBe(2);
});

test("ports that Nova makes have the security groups that the server asks for, by name or id", async () => {
  await start({});
  const groups = ["a", "b"].map((name) => cloud.admin.addSecurityGroup(name));
  const networks = [{ uuid: networkId(cloud, "cloudforms_network") }];
  await create("s", { networks, security_groups: [{ name: "a" }, { name: groups[1]?.id }] });

  expect([...cloud.state.ports.values()].map(({ groupIds }) => groupIds)).toEqual([groups.map(({ id }) => id)]);
  const none = serverBody(cloud, "t", { networks, security_groups: [{ name: "nowhere" }] });
  expect((await client.send("compute", "POST", "/v2.1/servers", none)).status).toBe(400);
});
