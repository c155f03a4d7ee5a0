/** Time, hooks and repeatability. */
import { afterEach, expect, test } from "vitest";
import { type CloudOptions, type ServerFacts } from "./options.ts";
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

test("a compute driver gets what it needs to boot a machine, and its promise decides when the server is ACTIVE", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const booted: ServerFacts[] = [];
  const publicKey = "ssh-ed25519 AAAA a@b";
  await start({
    keypairs: [{ name: "key", publicKey }],
    onServer: (server) => {
      booted.push(server);
      return promise;
    },
  });
  const port = cloud.admin.addPort("cloudforms_network", "p");
  const user_data = Buffer.from("#cloud-config\n").toString("base64");
  const id = await create("s", { key_name: "key", user_data, networks: [{ port: port.id }] });

  expect(booted).toMatchObject([
    {
      id,
      name: "s",
      publicKey,
      userData: "#cloud-config\n",
      imageName: "debian-12",
      flavour: { name: "m2.tiny", ramMib: 1024 },
      ports: [{ network: "cloudforms_network", mac: port.mac, prefixLength: 22, gateway: "10.99.0.1" }],
    },
  ]);
  expect(await statusOf(id)).toBe("BUILD");
  resolve();
  await expect.poll(() => statusOf(id)).toBe("ACTIVE");
});

test("a server whose machine does not boot goes to ERROR with the driver's reason", async () => {
  await start({ onServer: () => Promise.reject(new Error("no such root file system")) });
  const id = await create("s");

  await expect.poll(() => statusOf(id)).toBe("ERROR");
  expect(cloud.state.servers.get(id)?.fault?.message).toBe("no such root file system");
});

test("a server is gone only when the driver has stopped its machine", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await start({ onServerGone: () => promise });
  const id = await create("s");

  await client.send("compute", "DELETE", `/v2.1/servers/${id}`);
  expect(await statusOf(id)).toBe("ACTIVE");
  resolve();
  await expect.poll(() => statusOf(id)).toBeUndefined();
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
