/** Refusals that the conformance run cannot provoke in a lab that others use as well. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedCloud, startCloud } from "./cloud.ts";
import { type Client, logIn, networkId, serverBody } from "./test-client.ts";

let cloud: SimulatedCloud;
let client: Client;
beforeEach(async () => {
  cloud = await startCloud();
  client = await logIn(cloud);
});
afterEach(async () => {
  await cloud.stop();
  if (cloud.surprises.length > 0) throw new Error(JSON.stringify(cloud.surprises));
});

const createServer = (name: string, more = {}) =>
  client.send("compute", "POST", "/v2.1/servers", serverBody(cloud, name, more));

test("a floating IP of an empty pool is refused", async () => {
  cloud.admin.exhaust("public");

  const floatingip = { floating_network_id: networkId(cloud, "public") };
  const answer = await client.send("network", "POST", "/v2.0/floatingips", { floatingip });
  expect(answer).toMatchObject({ status: 409 });
  expect(answer.at("NeutronError.type")).toBe("IpAddressGenerationFailure");
});

test.for([
  { when: "is not active", image: { status: "queued" }, told: /^Image .* is not active\.$/ },
  { when: "wants more disk", image: { minDiskGib: 5 }, told: /minimum size is 5368709120 bytes\.$/ },
  { when: "wants more memory", image: { minRamMib: 2048 }, told: /^Flavor's memory is too small/ },
  { when: "is larger than the disk", image: { sizeBytes: 2 ** 33 }, told: /^Flavor's disk is too small/ },
])("a server is refused when its image $when", async ({ image, told }) => {
  const imageRef = cloud.admin.addImage({ name: "special", ...image });

  const answer = await createServer("s", { imageRef });
  expect(answer).toMatchObject({ status: 400 });
  expect(answer.at("badRequest.message")).toMatch(told);
  expect(cloud.objects().servers).toEqual([]);
});

test("a server that finds no host goes to ERROR with Nova's reason and leaves its port free", async () => {
  cloud.admin.setCapacity(1);
  await createServer("fits");
  const port = cloud.admin.addPort("cloudforms_network", "p");
  const id = String((await createServer("late", { networks: [{ port: port.id }] })).at("server.id"));

  const answer = await client.send("compute", "GET", `/v2.1/servers/${id}`);
  expect(answer.at("server.status")).toBe("ERROR");
  expect(answer.at("server.fault.message")).toBe("No valid host was found. There are not enough hosts available.");
  expect(port.deviceId).toBe("");
});

test("a volume is attached only while it is available, and to a server that runs", async () => {
  const volume = cloud.admin.addVolume("data", 1);
  const server = cloud.admin.addServer("s");
  const attach = () =>
    client.send("compute", "POST", `/v2.1/servers/${server.id}/os-volume_attachments`, {
      volumeAttachment: { volumeId: volume.id },
    });

  cloud.admin.setVolumeStatus(volume.id, "error");
  expect(await attach()).toMatchObject({ status: 400 });
  cloud.admin.setVolumeStatus(volume.id, "available");
  cloud.admin.failServer(server.id, "lightning");
  expect(await attach()).toMatchObject({ status: 409 });
  expect(volume.attachment).toBeNull();
});

test("a quota that an administrator lowers counts from the next call on", async () => {
  await createServer("one");
  cloud.admin.setQuota({ instances: 1 });

  const answer = await createServer("two");
  expect(answer.at("forbidden.message")).toBe(
    "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances",
  );
});

test("what other hands do is seen at once", async () => {
  const id = String((await createServer("s")).at("server.id"));

  cloud.admin.failServer(id, "the host burnt down");
  const failed = await client.send("compute", "GET", `/v2.1/servers/${id}`);
  expect([failed.at("server.status"), failed.at("server.fault.message")]).toEqual(["ERROR", "the host burnt down"]);
  cloud.admin.deleteServer(id);
  expect(await client.send("compute", "GET", `/v2.1/servers/${id}`)).toMatchObject({ status: 404 });
});
