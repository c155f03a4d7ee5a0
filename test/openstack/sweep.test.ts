import { expect, test } from "vitest";
import { login, type Script, standInCloud, token } from "./stand-in.ts";

/** Opens a cloud that answers `script` after the login. */
const cloudOf = async (script: Script) => {
  const { standIn, clock, open } = await standInCloud({ [login]: [token()], ...script });
  return { standIn, clock, cloud: await open() };
};

const action = "POST /compute/v2.1/servers/s1/action";
const server = "GET /compute/v2.1/servers/s1";
const inState = (status: string, more: object = {}) => ({ json: { server: { status, ...more } } });

test("a console is read by lines, also when the first answer is lost", async () => {
  const { standIn, cloud } = await cloudOf({ [action]: [{ hangUp: true }, { json: { output: "one\ntwo" } }] });
  expect(await cloud.consoleLog("s1", 20)).toBe("one\ntwo");
  expect(standIn.bodies.at(-1)).toEqual({ "os-getConsoleOutput": { length: 20 } });
});

test.for([403, 404, 409, 501])("a console the cloud answers %d for is undefined", async (status) => {
  const { cloud } = await cloudOf({ [action]: [{ status }] });
  expect(await cloud.consoleLog("s1", 20)).toBeUndefined();
});

test.for([
  { when: "it goes off", answers: [inState("ACTIVE"), inState("SHUTOFF")], off: true },
  { when: "it is gone", answers: [{ status: 404 }], off: true },
  { when: "it stays on", answers: [inState("ACTIVE"), inState("ACTIVE"), inState("ACTIVE")], off: false },
])("stopping a server answers $off when $when", async ({ answers, off }) => {
  const { cloud } = await cloudOf({ [action]: [{ status: 409 }], [server]: answers });
  expect(await cloud.stopServer("s1", 1_000)).toBe(off);
});

const volume = "GET /volume/v3/p1/volumes/v1";
const attachment = "DELETE /compute/v2.1/servers/s1/os-volume_attachments/v1";
const attached = (status: string, ...serverIds: string[]) => {
  const attachments = serverIds.map((server_id) => ({ server_id, device: "/dev/vdb" }));
  return { json: { volume: { id: "v1", name: null, size: 1, status, attachments, metadata: {} } } };
};

test("a volume is off when Cinder says so; other servers keep it", async () => {
  const { cloud, standIn } = await cloudOf({
    [volume]: [
      attached("in-use", "s1", "s2"),
      attached("in-use", "s1"),
      attached("detaching", "s1"),
      attached("in-use", "s2"),
    ],
    [attachment]: [{ status: 409 }, { status: 202 }],
  });
  await cloud.detachVolume("s1", "v1");
  expect(standIn.calls.filter((call) => call === attachment)).toHaveLength(2);
});

test("a volume that stays on is an error with the command to try", async () => {
  const { cloud, clock } = await cloudOf({
    [volume]: Array.from({ length: 65 }, () => attached("detaching", "s1")),
  });
  await expect(cloud.detachVolume("s1", "v1")).rejects.toMatchObject({
    exitCode: 1,
    problems: [{ fix: "openstack server remove volume s1 v1" }],
  });
  expect(clock.slept.reduce((sum, ms) => sum + ms)).toBe(300_000);
});

test("a server is deleted once and watched until it is gone", async () => {
  const { cloud } = await cloudOf({
    "DELETE /compute/v2.1/servers/s1": [{ status: 204 }],
    [server]: [inState("ACTIVE"), inState("DELETED")],
  });
  await expect(cloud.delete("server", "s1")).resolves.toBeUndefined();
});

test("an image is deleted once and watched until it is gone", async () => {
  const image = "/image/v2/images/i1";
  const { cloud } = await cloudOf({
    [`DELETE ${image}`]: [{ status: 409 }, { status: 204 }, { status: 404 }],
    [`GET ${image}`]: [{ json: { id: "i1", status: "active" } }, { status: 404 }],
  });
  await expect(cloud.delete("image", "i1")).resolves.toBeUndefined();
  await expect(cloud.delete("image", "i1")).resolves.toBeUndefined();
});

test("an image that only an administrator still sees is gone", async () => {
  const image = "/image/v2/images/i1";
  const { cloud } = await cloudOf({
    [`DELETE ${image}`]: [{ status: 204 }],
    [`GET ${image}`]: [{ json: { id: "i1", status: "pending_delete" } }],
  });
  await expect(cloud.delete("image", "i1")).resolves.toBeUndefined();
});

test("an image that is protected is an error with Glance's reason, at once", async () => {
  const message = "Image i1 is protected and cannot be deleted.<br /><br />\n\n\n";
  const { cloud } = await cloudOf({
    "DELETE /image/v2/images/i1": [{ status: 403, json: { message, code: "403 Forbidden" } }],
  });
  await expect(cloud.delete("image", "i1")).rejects.toThrow(/: Image i1 is protected and cannot be deleted\.\)$/);
});

test.for([
  { kind: "port", path: "/network/v2.0/ports/x%2F1" },
  { kind: "floating IP", path: "/network/v2.0/floatingips/x%2F1" },
  { kind: "security group", path: "/network/v2.0/security-groups/x%2F1" },
  { kind: "security group rule", path: "/network/v2.0/security-group-rules/x%2F1" },
  { kind: "server group", path: "/compute/v2.1/os-server-groups/x%2F1" },
  { kind: "keypair", path: "/compute/v2.1/os-keypairs/x%2F1" },
] as const)("a $kind that is in use is tried again, and one that is gone is fine", async ({ kind, path }) => {
  const { cloud } = await cloudOf({ [`DELETE ${path}`]: [{ status: 409 }, { status: 204 }, { status: 404 }] });
  await expect(cloud.delete(kind, "x/1")).resolves.toBeUndefined();
  await expect(cloud.delete(kind, "x/1")).resolves.toBeUndefined();
});

test("a volume Cinder failed to delete is tried again", async () => {
  const inUse = { status: 400, json: { badRequest: { message: "Volume status must be available", code: 400 } } };
  const { cloud } = await cloudOf({
    "DELETE /volume/v3/p1/volumes/v1": [inUse, { status: 202 }, { status: 202 }],
    [volume]: [attached("deleting"), attached("error_deleting"), { status: 404 }],
  });
  await expect(cloud.delete("volume", "v1")).resolves.toBeUndefined();
});

test("what is still there after ten minutes is an error with the cloud's reason", async () => {
  const path = "/network/v2.0/security-groups/g1";
  const inUse = { status: 409, json: { NeutronError: { message: "Security Group g1 in use." } } };
  const { cloud, clock } = await cloudOf({ [`DELETE ${path}`]: Array.from({ length: 125 }, () => inUse) });

  await expect(cloud.delete("security group", "g1")).rejects.toMatchObject({
    exitCode: 1,
    problems: [
      {
        slug: "cloud-not-deleted",
        message: "security group g1 is still there 10 minutes after it was to be deleted (Security Group g1 in use.)",
      },
    ],
  });
  expect(clock.slept.reduce((sum, ms) => sum + ms)).toBe(600_000);
});
