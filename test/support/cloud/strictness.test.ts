import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedCloud, startCloud } from "./cloud.ts";
import type { ServiceName } from "./core/errors.ts";
import { type Client, logIn, serverBody } from "./test-client.ts";

let cloud: SimulatedCloud;
let client: Client;
beforeEach(async () => {
  cloud = await startCloud();
  client = await logIn(cloud);
});
afterEach(() => cloud.stop());

const keypair = { name: "k", public_key: "ssh-ed25519 AAAA" };

test.for<{ when: string; kind: string; service: ServiceName; call: [string, string, unknown?]; status: number }>([
  { when: "a path nobody has", kind: "path", service: "compute", call: ["GET", "/v2.1/telepathy"], status: 404 },
  { when: "a method a path lacks", kind: "method", service: "image", call: ["DELETE", "/v2/images"], status: 405 },
  {
    when: "a query parameter",
    kind: "query",
    service: "compute",
    call: ["GET", "/v2.1/flavors?colour=red"],
    status: 200,
  },
  { when: "a filter", kind: "body", service: "network", call: ["GET", "/v2.0/networks?colour=red"], status: 400 },
  {
    when: "a property",
    kind: "body",
    service: "compute",
    call: ["POST", "/v2.1/os-keypairs", { keypair: { ...keypair, value_specs: {} } }],
    status: 400,
  },
  {
    when: "an attribute",
    kind: "body",
    service: "network",
    call: ["POST", "/v2.0/security-groups", { security_group: { name: "a", value_specs: {} } }],
    status: 400,
  },
])("$when that is unknown is refused as the real one does, and noted", async ({ kind, service, call, status }) => {
  const [method, path, body] = call;

  expect(await client.send(service, method, path, body)).toMatchObject({ status });
  expect(cloud.surprises).toMatchObject([{ kind, request: `${method} /${service}${path}` }]);
});

test("a property of a newer microversion is refused but no surprise", async () => {
  const body = { server_group: { name: "g", policy: "soft-anti-affinity" } };

  expect(await client.send("compute", "POST", "/v2.1/os-server-groups", body, "2.15")).toMatchObject({ status: 400 });
  expect(cloud.surprises).toEqual([]);
});

test("a token that ran out is refused and noted", async () => {
  cloud.clock.advance(3_599_000);
  expect(await client.send("compute", "GET", "/v2.1/servers")).toMatchObject({ status: 200 });

  cloud.clock.advance(2_000);
  expect(await client.send("compute", "GET", "/v2.1/servers")).toMatchObject({ status: 401 });
  expect(cloud.surprises).toMatchObject([{ kind: "token" }]);
});

test("what one project has, another neither sees nor touches", async () => {
  await cloud.stop();
  cloud = await startCloud({ projects: [{ name: "theirs" }] });
  client = await logIn(cloud);
  const port = cloud.admin.addPort("cloudforms_network", "foreign", "theirs");

  expect(await client.send("network", "GET", `/v2.0/ports/${port.id}`)).toMatchObject({ status: 404 });
  expect(await client.send("network", "DELETE", `/v2.0/ports/${port.id}`)).toMatchObject({ status: 404 });
  expect((await client.send("network", "GET", "/v2.0/ports")).at("ports")).toEqual([]);
  const plugged = serverBody(cloud, "s", { networks: [{ port: port.id }] });
  expect(await client.send("compute", "POST", "/v2.1/servers", plugged)).toMatchObject({ status: 400 });
  expect(cloud.objects().ports).toEqual([port.id]);
});

test("secrets are in the journal as hashes only", async () => {
  await cloud.stop();
  cloud = await startCloud({ users: [{ name: "ann", password: "canary-7f3a", projects: ["lab"] }] });
  const { token } = await logIn(cloud);

  const text = JSON.stringify(cloud.journal);
  expect(text).toMatch(/"password":"sha256:[0-9a-f]{16}"/);
  expect([text.includes("canary-7f3a"), text.includes(token)]).toEqual([false, false]);
  expect(cloud.journal).toMatchObject([
    { number: 1, operation: "identity.tokens.create", method: "POST", path: "/v3/auth/tokens", status: 201 },
  ]);
});
