/** What a compute driver is told, and what the cloud makes of what it does. */
import { afterEach, expect, test } from "vitest";
import type { ComputeDriver, ServerFacts } from "./options.ts";
import { type SimulatedCloud, startCloud } from "./cloud.ts";
import { type Client, logIn, serverBody } from "./test-client.ts";

let cloud: SimulatedCloud;
let client: Client;
afterEach(() => cloud.stop());

const publicKey = "ssh-ed25519 AAAA a@b";

async function start(compute: ComputeDriver) {
  cloud = await startCloud({ compute, keypairs: [{ name: "key", publicKey }] });
  client = await logIn(cloud);
}
const create = async (name: string, more = {}) =>
  String((await client.send("compute", "POST", "/v2.1/servers", serverBody(cloud, name, more))).at("server.id"));
const act = (id: string, action: object) => client.send("compute", "POST", `/v2.1/servers/${id}/action`, action);
const statusOf = async (id: string) => (await client.send("compute", "GET", `/v2.1/servers/${id}`)).at("server.status");

test("it gets what it needs to boot a machine, and its promise decides when the server is ACTIVE", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const booted: ServerFacts[] = [];
  await start({
    create: (server) => {
      booted.push(server);
      return promise;
    },
  });
  const port = cloud.admin.addPort("cloudforms_network", "p");
  const user_data = Buffer.from([0x1f, 0x8b, 0xff]).toString("base64");
  const id = await create("s", { key_name: "key", user_data, networks: [{ port: port.id }] });

  expect(booted).toMatchObject([
    {
      id,
      name: "s",
      publicKey,
      userData: Buffer.from([0x1f, 0x8b, 0xff]),
      imageName: "debian-12",
      flavour: { name: "m2.tiny", ramMib: 1024 },
      ports: [
        { network: "cloudforms_network", mac: port.mac, prefixLength: 22, gateway: "10.99.0.1", floatingIp: null },
      ],
    },
  ]);
  expect(await statusOf(id)).toBe("BUILD");
  resolve();
  await expect.poll(() => statusOf(id)).toBe("ACTIVE");
});

test("a server whose machine does not boot goes to ERROR with the driver's reason", async () => {
  await start({ create: () => Promise.reject(new Error("no such root file system")) });
  const id = await create("s");

  await expect.poll(() => statusOf(id)).toBe("ERROR");
  expect(cloud.state.servers.get(id)?.fault?.message).toBe("no such root file system");
});

test("a server is gone only when the driver has stopped its machine", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await start({ remove: () => promise });
  const id = await create("s");

  await client.send("compute", "DELETE", `/v2.1/servers/${id}`);
  expect(await statusOf(id)).toBe("ACTIVE");
  resolve();
  await expect.poll(() => statusOf(id)).toBeUndefined();
});

test("a reboot lasts as long as the driver's, and a server that is busy takes no second one", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const asked: string[] = [];
  await start({
    reboot: ({ name }, kind) => {
      asked.push(`${name} ${kind}`);
      return promise;
    },
  });
  const id = await create("s");

  expect((await act(id, { reboot: { type: "HARD" } })).status).toBe(202);
  expect([await statusOf(id), (await act(id, { reboot: { type: "SOFT" } })).status]).toEqual(["REBOOT", 409]);
  resolve();
  await expect.poll(() => statusOf(id)).toBe("ACTIVE");
  expect((await act(id, { reboot: { type: "SOFT" } })).status).toBe(202);
  expect(asked).toEqual(["s hard", "s soft"]);
});

test("a server is off when its machine is, and in ERROR when that does not start again", async () => {
  const asked: boolean[] = [];
  await start({
    power: (_, on) => {
      asked.push(on);
      return on ? Promise.reject(new Error("no power")) : Promise.resolve();
    },
  });
  const id = await create("s");

  await act(id, { "os-stop": null });
  await expect.poll(() => statusOf(id)).toBe("SHUTOFF");
  await act(id, { "os-start": null });
  await expect.poll(() => statusOf(id)).toBe("ERROR");
  expect(asked).toEqual([false, true]);
});

test("it tells what is on the console", async () => {
  await start({ console: ({ name }) => `${name} boots\nready` });
  const id = await create("s");

  const whole = await act(id, { "os-getConsoleOutput": {} });
  const last = await act(id, { "os-getConsoleOutput": { length: 1 } });
  expect([whole.at("output"), last.at("output")]).toEqual(["s boots\nready", "ready"]);
});

test("it hears of a floating IP that leads to a server or no longer does, and whether it works is Neutron's to say", async () => {
  const told: unknown[] = [];
  await start({
    floatingIp: (server, portId, address, leads) => {
      told.push([server.name, portId, address, leads]);
      if (!leads) throw new Error("no such address");
    },
  });
  const port = cloud.admin.addPort("cloudforms_network", "p");
  await create("s", { networks: [{ port: port.id }] });
  const { id } = cloud.admin.addFloatingIp("f");
  const put = (port_id: string | null) =>
    client.send("network", "PUT", `/v2.0/floatingips/${id}`, { floatingip: { port_id } });
  const address = String((await put(port.id)).at("floatingip.floating_ip_address"));
  await put(port.id);
  await put(null);

  expect(told).toEqual([
    ["s", port.id, address, true],
    ["s", port.id, address, false],
  ]);
  const after = await client.send("network", "GET", `/v2.0/floatingips/${id}`);
  expect(after.at("floatingip.status")).toBe("ERROR");
});

test("a volume that a machine cannot have is refused, and stays available", async () => {
  await start({
    attach: () => {
      throw new Error("the machine has no room for disks");
    },
  });
  const id = await create("s");
  const volume = cloud.admin.addVolume("v", 1);
  const body = { volumeAttachment: { volumeId: volume.id } };
  const refused = await client.send("compute", "POST", `/v2.1/servers/${id}/os-volume_attachments`, body);

  expect([refused.status, refused.at("badRequest.message")]).toEqual([
    400,
    "Invalid volume: the machine has no room for disks",
  ]);
  expect(cloud.state.volumes.get(volume.id)).toMatchObject({ status: "available", attachment: null });
});
