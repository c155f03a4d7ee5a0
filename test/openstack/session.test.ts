import { expect, test, vi } from "vitest";
import { login, standInCloud, token } from "./stand-in.ts";

const volume = "GET /volume/v3/p1/volumes/v1";
const found = {
  json: { volume: { id: "v1", name: "data", size: 3, status: "available", attachments: [], metadata: {} } },
};

test("a token is renewed two minutes before it ends", async () => {
  const { standIn, clock, open } = await standInCloud({ [login]: [token("a"), token("b")], [volume]: [found, found] });
  const cloud = await open();
  clock.ms += 3_600_000 - 121_000;
  await cloud.volume("v1");
  clock.ms += 2_000;
  await cloud.volume("v1");

  expect(standIn.tokens).toEqual([undefined, "a", undefined, "b"]);
});

test("a token's end is read by the cloud's clock, not ours", async () => {
  const answer = token("a");
  const ahead = { ...answer, headers: { ...answer.headers, date: "Thu, 01 Jan 2026 00:50:00 GMT" } };
  const { standIn, clock, open } = await standInCloud({ [login]: [ahead, token("b")], [volume]: [found] });
  const cloud = await open();
  clock.ms += 9 * 60_000;
  await cloud.volume("v1");

  expect(standIn.tokens).toEqual([undefined, undefined, "b"]);
});

test("a refused token is replaced once, unseen, also for what must not be done twice", async () => {
  const stop = "POST /compute/v2.1/servers/s1/action";
  const { standIn, open } = await standInCloud({
    [login]: [token("a"), token("b")],
    [stop]: [{ status: 401 }, { status: 202 }],
    "GET /compute/v2.1/servers/s1": [{ json: { server: { status: "SHUTOFF" } } }],
  });
  expect(await (await open()).stopServer("s1", 1_000)).toBe(true);
  expect(standIn.tokens).toEqual([undefined, "a", undefined, "b", "b"]);
});

test("two calls refused together share one new login", async () => {
  const { standIn, open } = await standInCloud({
    [login]: [token("a"), token("b")],
    [volume]: [{ status: 401 }, found],
    "GET /network/v2.0/floatingips": [{ status: 401 }, { json: { floatingips: [] } }],
  });
  const cloud = await open();
  await Promise.all([cloud.volume("v1"), cloud.floatingIps()]);
  expect(standIn.calls.filter((call) => call === login)).toHaveLength(2);
});

test("a token that came from a token cannot be renewed, and the way out is told", async () => {
  const { open } = await standInCloud({ [login]: [token()], [volume]: [{ status: 401 }] });
  const cloud = await open({ auth: { kind: "token", token: "canary" } });
  await expect(cloud.volume("v1")).rejects.toMatchObject({ exitCode: 3, problems: [{ slug: "cloud-token-ended" }] });
});

test("a refused new token ends it", async () => {
  const { open } = await standInCloud({ [login]: [token(), token()], [volume]: [{ status: 401 }, { status: 401 }] });
  await expect((await open()).volume("v1")).rejects.toMatchObject({ problems: [{ slug: "cloud-call-failed" }] });
});

test("what policy forbids names the operation, the user, the project and the request", async () => {
  const denied = {
    status: 403,
    headers: { "x-openstack-request-id": "req-7" },
    json: { NeutronError: { type: "PolicyNotAuthorized", message: "no \u001b[31mway\n canary-password", detail: "" } },
  };
  const { open } = await standInCloud({ [login]: [token()], "GET /network/v2.0/floatingips": [denied] });

  await expect((await open()).floatingIps()).rejects.toMatchObject({
    exitCode: 3,
    problems: [
      {
        slug: "cloud-not-allowed",
        message:
          "alice may not list floating IPs in project genomes (403 from the network service: no [31mway ***, req-7)",
      },
    ],
  });
});

test("bursts of 429 and 503 are sat out, as long as the service asks", async () => {
  const { clock, open } = await standInCloud({
    [login]: [token()],
    [volume]: [{ status: 429, headers: { "retry-after": "3" } }, { status: 503 }, { status: 500 }, found],
  });
  expect((await (await open()).volume("v1"))?.name).toBe("data");
  expect(clock.slept).toEqual([3_000, 750, 1_500]);
});

test("a dead connection is replaced for a read", async () => {
  const { open } = await standInCloud({ [login]: [token()], [volume]: [{ hangUp: true }, { hangUp: true }, found] });
  expect((await (await open()).volume("v1"))?.sizeGib).toBe(3);
});

test("an answer of the wrong shape is told by its place, not by its values", async () => {
  const odd = { json: { volume: { ...found.json.volume, size: "canary" } } };
  const { open } = await standInCloud({ [login]: [token()], [volume]: [odd] });
  const error: unknown = await (await open()).volume("v1").catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ exitCode: 3, problems: [{ slug: "cloud-answer-unexpected" }] });
  expect(error).toHaveProperty("message", expect.stringContaining("volume.size"));
  expect(error).toHaveProperty("message", expect.not.stringContaining("canary"));
});

test("a service the region lacks is told by its name", async () => {
  const endpoints = [{ interface: "public", region: "R1", url: "BASE" }];
  const { open } = await standInCloud({ [login]: [token("t", { catalog: [{ type: "compute", endpoints }] })] });
  await expect((await open()).volumes()).rejects.toMatchObject({
    exitCode: 3,
    problems: [
      {
        slug: "cloud-service-missing",
        message: "the catalogue has no public address of a block-storage service in region R1",
      },
    ],
  });
});

test("each service is asked one thing at a time", async () => {
  const { standIn, open } = await standInCloud({
    [login]: [token()],
    "GET /network/v2.0/floatingips": [{ status: 503 }, { json: { floatingips: [] } }],
    "GET /network/v2.0/security-groups?project_id=p1": [{ json: { security_groups: [] } }],
  });
  const cloud = await open();
  await Promise.all([cloud.floatingIps(), cloud.securityGroups()]);

  const path = (call: string): string | undefined => call.split("/").at(-1)?.split("?")[0];
  expect(standIn.calls.map(path)).toEqual(["tokens", "floatingips", "floatingips", "security-groups"]);
});

test("a service that never answers is given up after its time, twice", async () => {
  const { open, clock } = await standInCloud({ [login]: [token()], [volume]: [{ hang: true }, { hang: true }] });
  const cloud = await open({}, { attemptTimeoutMs: 500 });
  await expect(cloud.volume("v1")).rejects.toMatchObject({ exitCode: 3, problems: [{ slug: "network-timeout" }] });
  expect(clock.slept).toHaveLength(1);
});

test("the caller's abort ends it at once, with the caller's reason", async () => {
  const { standIn, open } = await standInCloud({ [login]: [token()], [volume]: [{ hang: true }] });
  const stop = new AbortController();
  const asked = (await open({}, { signal: stop.signal })).volume("v1");
  const reason = new Error("interrupted");
  await vi.waitFor(() => expect(standIn.calls).toContain(volume));
  stop.abort(reason);
  await expect(asked).rejects.toBe(reason);
});
