import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import type { CloudAuth } from "../../src/world.ts";
import { login, standInCloud, startMs, startStandIn, token } from "./stand-in.ts";

test("a login tells who one is, where, and how far the clocks are apart", async () => {
  const answer = token();
  const later = { ...answer, headers: { ...answer.headers, date: new Date(startMs + 90_000).toUTCString() } };
  const { standIn, open } = await standInCloud({ [login]: [later] });
  const cloud = await open();

  expect(cloud.identity).toEqual({
    authUrl: `${standIn.url}/v3`,
    user: "alice",
    userId: "u1",
    project: "genomes",
    projectId: "p1",
    region: "R1",
  });
  expect(cloud.clockSkewSeconds).toBe(91);
  expect(cloud.childEnv).toMatchObject({ OS_REGION_NAME: "R1", OS_USERNAME: "alice" });
});

const domain = { name: "People" };
const logins: { with: string; auth: CloudAuth; request: object }[] = [
  {
    with: "a password",
    auth: { kind: "password", user: { name: "a", domain }, password: "x", project: { id: "p" } },
    request: {
      identity: { methods: ["password"], password: { user: { name: "a", domain, password: "x" } } },
      scope: { project: { id: "p" } },
    },
  },
  {
    with: "an application credential, without a scope,",
    auth: { kind: "application-credential", credential: { name: "ci", user: { name: "a", domain } }, secret: "x" },
    request: {
      identity: {
        methods: ["application_credential"],
        application_credential: { name: "ci", user: { name: "a", domain }, secret: "x" },
      },
    },
  },
  {
    with: "a token",
    auth: { kind: "token", token: "x", project: { name: "p", domain } },
    request: { identity: { methods: ["token"], token: { id: "x" } }, scope: { project: { name: "p", domain } } },
  },
];
test.for(logins)("one logs in with $with in Keystone's words", async ({ auth, request }) => {
  const { standIn, open } = await standInCloud({ [login]: [token()] });
  await open({ auth });
  expect(standIn.bodies).toEqual([{ auth: request }]);
});

const refused = {
  status: 401,
  headers: { "x-openstack-request-id": "req-1" },
  json: { error: { code: 401, message: "The request you have made requires authentication.", title: "Unauthorized" } },
};
const unauthorised: { what: string; auth: CloudAuth; says: string }[] = [
  {
    what: "a wrong password",
    auth: { kind: "password", user: { name: "bob" }, password: "canary", project: { id: "p" } },
    says: "user bob",
  },
  {
    what: "a revoked application credential",
    auth: { kind: "application-credential", credential: { id: "a1" }, secret: "canary" },
    says: "application credential a1",
  },
];
test.for(unauthorised)("$what is refused with host and name, without the secret", async ({ auth, says }) => {
  const { standIn, open } = await standInCloud({ [login]: [refused] });
  const error: unknown = await open({ auth }).catch((thrown: unknown) => thrown);

  const message = `authentication refused by ${new URL(standIn.url).host} for ${says} (req-1)`;
  expect(error).toMatchObject({ exitCode: 3, problems: [{ slug: "cloud-auth-refused", message, where: "test" }] });
  expect(JSON.stringify(error)).not.toContain("canary");
});

test("a token Keystone never gave is refused like any other", async () => {
  const unknown = { status: 404, json: { error: { message: "Could not recognize Fernet token" } } };
  const { open } = await standInCloud({ [login]: [unknown] });
  await expect(open({ auth: { kind: "token", token: "canary" } })).rejects.toMatchObject({
    problems: [{ slug: "cloud-auth-refused" }],
  });
});

test("an address without a Keystone is told as such", async () => {
  const { open } = await standInCloud({ [login]: [{ status: 404, text: "<h1>Not found</h1>" }] });
  await expect(open()).rejects.toMatchObject({ exitCode: 3, problems: [{ slug: "cloud-auth-url" }] });
});

test("a login without a project is told", async () => {
  const { open } = await standInCloud({ [login]: [token("t", { project: undefined, catalog: undefined })] });
  await expect(open()).rejects.toMatchObject({ exitCode: 3, problems: [{ slug: "cloud-project-missing" }] });
});

test("a page instead of Keystone is told by its type, not by its text", async () => {
  const { standIn, open } = await standInCloud({ [login]: [{ text: "<html>Please sign in, canary</html>" }] });
  await expect(open()).rejects.toMatchObject({
    exitCode: 3,
    problems: [
      {
        slug: "cloud-answer-not-json",
        message: `expected JSON from the identity service at ${new URL(standIn.url).host}, got text/html`,
      },
    ],
  });
});

test("a redirection is not followed: the password goes where it was meant to", async () => {
  const elsewhere = await startStandIn({});
  const { open } = await standInCloud({ [login]: [{ status: 302, headers: { location: `${elsewhere.url}/x` } }] });

  await expect(open()).rejects.toThrow(`got a redirection to ${new URL(elsewhere.url).host} (302)`);
  expect(elsewhere.calls).toEqual([]);
});

test.for([
  { when: "the wanted one is not there", region: "R9", says: "the cloud has no region 'R9'; it offers: R1, R2" },
  { when: "none is wanted and there are several", says: "no region is chosen, and the cloud has several: R1, R2" },
])("the regions on offer are listed when $when", async ({ region, says }) => {
  const endpoints = ["R1", "R2"].map((id) => ({ interface: "public", region_id: id, url: "BASE" }));
  const { open } = await standInCloud({ [login]: [token("t", { catalog: [{ type: "compute", endpoints }] })] });
  await expect(open(region === undefined ? {} : { region })).rejects.toMatchObject({
    exitCode: 3,
    problems: [{ slug: "cloud-region-unknown", message: says }],
  });
});

test("a Keystone that is not there is told as unreachable, after three tries", async () => {
  const { clock, open } = await standInCloud({});
  const error: unknown = await open({ authUrl: await closedUrl() }).catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ exitCode: 3, problems: [{ slug: "network-refused" }] });
  expect(clock.slept).toEqual([375, 750]);
});

test("a login is repeated when its answer is lost", async () => {
  const { open } = await standInCloud({ [login]: [{ hangUp: true }, { status: 502, text: "Bad gateway" }, token()] });
  expect((await open()).identity.user).toBe("alice");
});

/** An address where nobody listens any more. */
async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/v3`;
}
