import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openFiles } from "../../src/host/files.ts";
import { resolveCloud } from "../../src/openstack/credentials.ts";
import type { CloudCredentials, Env } from "../../src/world.ts";

/** A home and a working directory in a folder of their own, with files (0600) at paths below it. */
function machine(contents: Record<string, string> = {}): {
  path: (name: string) => string;
  resolve: (env?: Env) => Promise<CloudCredentials>;
} {
  const root = mkdtempSync(join(tmpdir(), "hailstack-clouds-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text, { mode: 0o600 });
  }
  const path = (name: string): string => join(root, name);
  return { path, resolve: (env = {}) => resolveCloud(openFiles(), env, path("home"), path("work")) };
}

const home = "home/.config/openstack";
const cloud = (host: string, more = ""): string =>
  `{auth: {auth_url: "http://${host}:5000", username: u, project_name: p, password: canary-1}${more}}`;
const openrc = {
  OS_AUTH_URL: "https://keystone.example:5000",
  OS_USERNAME: "alice",
  OS_PASSWORD: "canary-2",
  OS_PROJECT_NAME: "genomes",
};

test("an openrc says it all", async () => {
  const env = {
    ...openrc,
    OS_USER_DOMAIN_NAME: "People",
    OS_PROJECT_DOMAIN_ID: "d1",
    OS_PROJECT_ID: "",
    OS_REGION_NAME: "R1",
    OS_INTERFACE: "internalURL",
    OS_CACERT: "ca.pem",
  };
  const { path, resolve } = machine();
  const found = await resolve(env);

  expect(found).toMatchObject({
    source: "environment: OS_* variables",
    authUrl: "https://keystone.example:5000/v3",
    region: "R1",
    interface: "internal",
    cacertPath: path("work/ca.pem"),
    insecure: false,
    auth: {
      kind: "password",
      user: { name: "alice", domain: { name: "People" } },
      password: "canary-2",
      project: { name: "genomes", domain: { id: "d1" } },
    },
    secrets: ["canary-2"],
    warnings: [],
  });
  expect(found.childEnv).toEqual({
    OS_AUTH_URL: "https://keystone.example:5000/v3",
    OS_AUTH_TYPE: "v3password",
    OS_IDENTITY_API_VERSION: "3",
    OS_USERNAME: "alice",
    OS_USER_DOMAIN_NAME: "People",
    OS_PASSWORD: "canary-2",
    OS_PROJECT_NAME: "genomes",
    OS_PROJECT_DOMAIN_ID: "d1",
    OS_REGION_NAME: "R1",
    OS_ENDPOINT_TYPE: "internal",
    OS_INTERFACE: "internal",
    OS_CACERT: path("work/ca.pem"),
  });
});

test("Horizon's openrc with ids needs no names, and no domain means Keystone's first", async () => {
  const { OS_PROJECT_NAME: _name, ...rest } = openrc;
  const { auth } = await machine().resolve({ ...rest, OS_PROJECT_ID: "p1" });

  expect(auth).toMatchObject({ user: { name: "alice", domain: { id: "default" } }, project: { id: "p1" } });
});

test.for([
  {
    how: "by id",
    env: { OS_APPLICATION_CREDENTIAL_ID: "a1", OS_APPLICATION_CREDENTIAL_SECRET: "canary" },
    auth: { kind: "application-credential", credential: { id: "a1" }, secret: "canary" },
  },
  {
    how: "by name and user",
    env: {
      OS_AUTH_TYPE: "v3applicationcredential",
      OS_APPLICATION_CREDENTIAL_NAME: "ci",
      OS_USER_ID: "u1",
      OS_APPLICATION_CREDENTIAL_SECRET: "canary",
    },
    auth: { kind: "application-credential", credential: { name: "ci", user: { id: "u1" } }, secret: "canary" },
  },
  { how: "as a token", env: { OS_TOKEN: "canary" }, auth: { kind: "token", token: "canary" } },
])("credentials $how are found in the environment", async ({ env, auth }) => {
  const found = await machine().resolve({ OS_AUTH_URL: "https://k.example/v3/", ...env });
  expect(found.auth).toEqual(auth);
  expect(found.authUrl).toBe("https://k.example/v3");
  expect(found.secrets).toEqual(["canary"]);
});

test("every variable that is missing is named at once", async () => {
  await expect(machine().resolve({ OS_AUTH_URL: "https://k.example" })).rejects.toMatchObject({
    exitCode: 2,
    problems: [
      { message: "OS_PROJECT_NAME not set. Source your openrc.sh first." },
      { message: "OS_USERNAME not set. Source your openrc.sh first." },
    ],
  });
});

test.for([
  { where: "the environment where the file names none", more: "", ca: "env.pem" },
  { where: "the file where it names one", more: ", cacert: file.pem", ca: "file.pem" },
])("the authority of a cloud of clouds.yaml comes from $where", async ({ more, ca }) => {
  const { resolve, path } = machine({
    [`${home}/clouds.yaml`]: `clouds: {a: ${cloud("a").replace(/\}$/, `${more}}`)}}`,
  });
  expect((await resolve({ OS_CACERT: "env.pem" })).cacertPath).toBe(path(`work/${ca}`));
});

test.for([
  { which: "the only one", names: ["site"], env: {}, host: "site" },
  { which: "the one called openstack among several", names: ["a", "openstack"], env: {}, host: "openstack" },
  { which: "the one OS_CLOUD names", names: ["a", "openstack"], env: { OS_CLOUD: "a" }, host: "a" },
])("of the clouds in clouds.yaml $which is taken", async ({ names, env, host }) => {
  const text = `clouds: {${names.map((name) => `${name}: ${cloud(name)}`).join(", ")}}`;
  const { resolve, path } = machine({ [`${home}/clouds.yaml`]: text });
  const found = await resolve(env);

  expect(found.authUrl).toBe(`http://${host}:5000/v3`);
  expect(found.source).toBe(`clouds.yaml: ${host} (${path(`${home}/clouds.yaml`)})`);
});

test.for([
  {
    when: "none is chosen among several",
    clouds: `{a: ${cloud("a")}, b: ${cloud("b")}}`,
    env: {},
    slug: "cloud-ambiguous",
    says: "a, b",
  },
  {
    when: "OS_CLOUD is not among them",
    clouds: `{a: ${cloud("a")}}`,
    env: { OS_CLOUD: "z" },
    slug: "cloud-unknown",
    says: "'z'",
  },
  {
    when: "it has no cloud",
    clouds: "",
    env: {},
    slug: "cloud-credentials-missing",
    says: "no OpenStack credentials",
  },
  {
    when: "the login lacks something",
    clouds: "{a: {auth: {auth_url: 'http://a'}}}",
    env: {},
    slug: "cloud-credentials-incomplete",
    says: "clouds.a.auth.password is missing",
  },
  {
    when: "the kind of login is strange",
    clouds: `{a: ${cloud("a", ", auth_type: v3oidc")}}`,
    env: {},
    slug: "cloud-credentials-incomplete",
    says: "'v3oidc'",
  },
  {
    when: "the URL carries a password",
    clouds: `{a: ${cloud("me:canary@a")}}`,
    env: {},
    slug: "cloud-credentials-incomplete",
    says: "auth_url is not an http",
  },
  {
    when: "the interface is strange",
    clouds: `{a: ${cloud("a", ", interface: inner")}}`,
    env: {},
    slug: "cloud-credentials-incomplete",
    says: "'inner'",
  },
  {
    when: "the profile is unknown",
    clouds: `{a: ${cloud("a", ", profile: vendor")}}`,
    env: {},
    slug: "cloud-profile-missing",
    says: "'vendor'",
  },
  {
    when: "a cloud is a list",
    clouds: "{a: [canary]}",
    env: {},
    slug: "clouds-yaml-invalid",
    says: "`a` is not a mapping",
  },
])("clouds.yaml is no use when $when", async ({ clouds, env, slug, says }) => {
  const { resolve } = machine({ [`${home}/clouds.yaml`]: `clouds: ${clouds}` });
  const error: unknown = await resolve(env).catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ exitCode: 2 });
  expect(error).toHaveProperty("problems.0.slug", slug);
  expect(JSON.stringify(error)).not.toContain("canary");
  expect(error).toHaveProperty("message", expect.stringContaining(says));
});

test("a mistake in YAML is told by its place, never by its text", async () => {
  const { resolve, path } = machine({ [`${home}/clouds.yaml`]: 'clouds:\n  a:\n    auth: {password: "canary\n' });
  const error: unknown = await resolve().catch((thrown: unknown) => thrown);

  expect(error).toHaveProperty("problems.0.where", expect.stringMatching(/clouds\.yaml:\d+:\d+$/));
  expect(error).toHaveProperty("problems.0.where", expect.stringContaining(path(home)));
  expect(JSON.stringify(error)).not.toContain("canary");
});

test("the working directory comes before home, and yaml before json", async () => {
  const { resolve } = machine({
    [`${home}/clouds.yaml`]: `clouds: {a: ${cloud("home")}}`,
    "work/clouds.json": JSON.stringify({ clouds: {} }),
    "work/clouds.yml": `clouds: {a: ${cloud("work")}}`,
  });
  expect((await resolve()).authUrl).toBe("http://work:5000/v3");
});

test("OS_CLIENT_CONFIG_FILE comes before all, and must exist", async () => {
  const { resolve, path } = machine({
    "work/clouds.yaml": `clouds: {a: ${cloud("work")}}`,
    "mine.yaml": `clouds: {a: ${cloud("mine")}}`,
  });
  expect((await resolve({ OS_CLIENT_CONFIG_FILE: path("mine.yaml") })).authUrl).toBe("http://mine:5000/v3");
  await expect(resolve({ OS_CLIENT_CONFIG_FILE: path("gone.yaml") })).rejects.toMatchObject({
    exitCode: 2,
    problems: [{ slug: "clouds-yaml-missing", where: path("gone.yaml") }],
  });
});

test("secure.yaml goes over the cloud, its profile under it, and numbers stay text", async () => {
  const { resolve } = machine({
    [`${home}/clouds.yaml`]: "clouds: {a: {profile: vendor, auth: {username: 0123, project_name: no, password: x}}}",
    [`${home}/secure.yaml`]: "clouds: {a: {auth: {password: 0456}}}",
    [`${home}/clouds-public.yaml`]:
      "public-clouds: {vendor: {auth: {auth_url: 'https://v.example', username: z}, region_name: V, verify: no}}",
  });
  const found = await resolve();

  expect(found).toMatchObject({
    authUrl: "https://v.example/v3",
    region: "V",
    insecure: true,
    auth: { user: { name: "0123" }, password: "0456", project: { name: "no" } },
  });
  expect(found.childEnv).toMatchObject({ OS_INSECURE: "true" });
  expect(found.warnings.map(({ slug }) => slug)).toEqual(["cloud-insecure"]);
});

test.for([
  { when: "none is asked for", env: {}, region: "R1", authUrl: "http://r1:5000/v3" },
  { when: "OS_REGION_NAME asks for one", env: { OS_REGION_NAME: "R2" }, region: "R2", authUrl: "http://a:5000/v3" },
])("of several regions the right one with its values is taken when $when", async ({ env, region, authUrl }) => {
  const regions = ", regions: [{name: R1, values: {auth: {auth_url: 'http://r1:5000'}}}, R2]";
  const { resolve } = machine({ "work/clouds.yaml": `clouds: {a: ${cloud("a", regions)}}` });

  expect(await resolve(env)).toMatchObject({ region, authUrl });
  await expect(resolve({ OS_REGION_NAME: "R3" })).rejects.toMatchObject({
    problems: [{ fix: expect.stringContaining("R1, R2") }],
  });
});

test("OS_CLOUD beside other credentials wins, with a warning; nothing of the others reaches children", async () => {
  const { resolve } = machine({ "work/clouds.yaml": `clouds: {a: ${cloud("a")}}` });
  const found = await resolve({ ...openrc, OS_CLOUD: "a" });

  expect(found.authUrl).toBe("http://a:5000/v3");
  expect(found.warnings).toMatchObject([{ slug: "cloud-chosen-twice" }]);
  expect(JSON.stringify(found.childEnv)).not.toContain("canary-2");
  expect(found.childEnv).not.toHaveProperty("OS_CLOUD");
});

test("credentials that everybody can read are warned of, where they are", async () => {
  const { resolve, path } = machine({
    "work/clouds.yaml": "clouds: {a: {auth: {auth_url: 'http://a', username: u, project_name: p}}}",
    "work/secure.yaml": "clouds: {a: {auth: {password: x}}}",
  });
  chmodSync(path("work/clouds.yaml"), 0o644);
  expect((await resolve()).warnings).toEqual([]);
  chmodSync(path("work/secure.yaml"), 0o644);
  expect((await resolve()).warnings).toMatchObject([{ slug: "credentials-readable", where: path("work/secure.yaml") }]);
});

test("without anything the way to credentials is shown", async () => {
  // This machine's own /etc/openstack must not count.
  const noFiles = { ...openFiles(), readTextIfThere: () => Promise.resolve(undefined) };
  await expect(resolveCloud(noFiles, {}, "", "/nowhere")).rejects.toMatchObject({
    exitCode: 2,
    problems: [{ slug: "cloud-credentials-missing", fix: expect.stringContaining("openrc.sh") }],
  });
});
