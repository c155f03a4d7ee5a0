import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { convertAuthCommand } from "../../src/commands/convert-auth.ts";
import { openFiles } from "../../src/host/files.ts";
import type { Env } from "../../src/world.ts";

const openrc = {
  OS_AUTH_URL: "https://keystone.example:5000/v3",
  OS_PROJECT_NAME: "genomes",
  OS_USERNAME: "alice",
  OS_PASSWORD: "canary: #1",
};

type Run = {
  path: string;
  stdout: string[];
  notes: string[];
  run: (...flags: string[]) => Promise<void>;
};

/** The command in a home of its own, whose clouds.yaml may be there already. */
function prepare(env: Env, old?: string): Run {
  const home = mkdtempSync(join(tmpdir(), "hailstack-convert-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const path = join(home, ".config/openstack/clouds.yaml");
  if (old !== undefined) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, old);
    chmodSync(path, 0o644);
  }
  const stdout: string[] = [];
  const notes: string[] = [];
  const world = {
    env: { HOME: home, ...env },
    files: openFiles(),
    now: () => new Date(2026, 0, 2, 3, 4, 5),
    terminal: {
      print: (text: string) => void stdout.push(text),
      report: (progress: { event: string; message?: string }) => void notes.push(progress.message ?? progress.event),
    },
  };
  const run = async (...flags: string[]): Promise<void> => {
    await convertAuthCommand(world).parseAsync(flags, { from: "user" });
  };
  return { path, stdout, notes, run };
}

test("the YAML goes to stdout in the usual order, and nothing is written", async () => {
  const { run, stdout, notes, path } = prepare({
    ...openrc,
    OS_USER_DOMAIN_NAME: "Default",
    OS_PROJECT_DOMAIN_NAME: "Default",
    OS_REGION_NAME: "RegionOne",
    OS_IDENTITY_API_VERSION: "3",
  });
  await run();

  expect(stdout.join("\n")).toBe(`clouds:
  openstack:
    auth:
      auth_url: https://keystone.example:5000/v3
      project_name: genomes
      username: alice
      password: "canary: #1"
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
    identity_api_version: "3"`);
  expect(notes).toEqual(["reading OpenStack environment", "clouds.yaml generated"]);
  expect(existsSync(path)).toBe(false);
});

test("a Horizon openrc keeps its ids, interface, authority and verification", async () => {
  const { run, stdout } = prepare({
    ...openrc,
    OS_PROJECT_ID: "p1",
    OS_PROJECT_DOMAIN_ID: "default",
    OS_USER_DOMAIN_NAME: "Default",
    OS_PROJECT_DOMAIN_NAME: "",
    OS_INTERFACE: "public",
    OS_CACERT: "/etc/ssl/site.pem",
    OS_INSECURE: "true",
  });
  await run("--cloud", "site");

  expect(parse(stdout.join("\n"))).toEqual({
    clouds: {
      site: {
        auth: {
          auth_url: "https://keystone.example:5000/v3",
          project_id: "p1",
          project_name: "genomes",
          username: "alice",
          password: "canary: #1",
          user_domain_name: "Default",
          project_domain_id: "default",
        },
        interface: "public",
        cacert: "/etc/ssl/site.pem",
        verify: false,
      },
    },
  });
});

test.for([
  {
    what: "an application credential",
    env: {
      OS_AUTH_TYPE: "v3applicationcredential",
      OS_APPLICATION_CREDENTIAL_ID: "a1",
      OS_APPLICATION_CREDENTIAL_SECRET: "x",
    },
    entry: {
      auth_type: "v3applicationcredential",
      auth: { auth_url: "https://k", application_credential_id: "a1", application_credential_secret: "x" },
    },
  },
  {
    what: "an application credential that does not say it is one",
    env: { OS_APPLICATION_CREDENTIAL_ID: "a1", OS_APPLICATION_CREDENTIAL_SECRET: "x" },
    entry: {
      auth_type: "v3applicationcredential",
      auth: { auth_url: "https://k", application_credential_id: "a1", application_credential_secret: "x" },
    },
  },
  {
    what: "a token",
    env: { OS_AUTH_TYPE: "v3token", OS_TOKEN: "0123", OS_PROJECT_NAME: "p" },
    entry: { auth_type: "v3token", auth: { auth_url: "https://k", token: "0123", project_name: "p" } },
  },
])("$what needs neither user nor password", async ({ env, entry }) => {
  const { run, stdout } = prepare({ OS_AUTH_URL: "https://k", ...env });
  await run();
  expect(parse(stdout.join("\n"))).toEqual({ clouds: { openstack: entry } });
});

test.for([
  "no",
  "Yes",
  "null",
  "012345",
  "1:30",
  "~",
  "",
  "<<",
  "=",
  "a\tb",
  "two\nlines",
  "é",
  "'",
  '"',
  "\u0007",
  "x ".repeat(200),
])("a password %j comes back as it was", async (password) => {
  const { run, path } = prepare({ ...openrc, OS_PASSWORD: password });
  await run("--write");
  // In YAML 1.1, Python's, `no` is false and 012345 is octal unless quoted.
  const { auth } = parse(readFileSync(path, "utf8"), { version: "1.1" }).clouds.openstack;
  expect(auth.password).toBe(password === "" ? undefined : password);
});

test("--write makes a private file in a private folder, and stdout stays empty", async () => {
  const { run, stdout, notes, path } = prepare(openrc);
  await run("--write");

  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  expect(readdirSync(dirname(path))).toEqual(["clouds.yaml"]);
  expect(stdout).toEqual([]);
  expect(notes.at(-1)).toBe(`clouds.yaml written to ${path}`);
  expect(notes.join()).not.toContain("canary");
});

test("--write keeps other clouds and comments, and a private copy of what was there", async () => {
  const old =
    "# ours\nclouds:\n  other: # keep\n    auth: {username: bob, password: 1_000}\n  openstack:\n    auth: {username: old}\nx: 1\n";
  const { run, path } = prepare(openrc, old);
  await run("--write");

  const text = readFileSync(path, "utf8");
  expect(text).toMatch(/^# ours\nclouds:\n {2}other:\s+# keep\n/);
  expect(text).toContain("password: 1_000 }");
  expect(parse(text)).toMatchObject({
    clouds: { other: { auth: { username: "bob" } }, openstack: { auth: { username: "alice" } } },
    x: 1,
  });
  const backup = `${path}.bak.20260102030405`;
  expect(readFileSync(backup, "utf8")).toBe(old);
  expect([path, backup].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);

  await run("--write");
  expect(readFileSync(backup, "utf8")).toBe(old);
  expect(readFileSync(`${backup}-2`, "utf8")).toBe(text);
});

test.for(["", "# nothing yet\n", "clouds:\n", "clouds: {}\n", "other: 1\n"])("%j gets its first cloud", async (old) => {
  const { run, path } = prepare(openrc, old);
  await run("--write");
  const text = readFileSync(path, "utf8");
  expect(parse(text)).toMatchObject({ clouds: { openstack: { auth: { username: "alice" } } } });
  expect(text.startsWith(old.split("\n", 1)[0]?.replace(/ ?\{\}$/, "") ?? "")).toBe(true);
});

test.for([
  { what: "broken YAML", old: 'clouds: {a: "canary', slug: "clouds-yaml-invalid" },
  { what: "a list", old: "[canary]", slug: "clouds-yaml-invalid" },
  { what: "a list of clouds", old: "clouds: [canary]", slug: "clouds-yaml-invalid" },
  { what: "an anchor others use", old: "clouds: {openstack: &c {a: canary}, b: *c}", slug: "clouds-yaml-anchor" },
])("$what in clouds.yaml is refused, and stays as it is", async ({ old, slug }) => {
  const { run, path } = prepare(openrc, old);
  const error: unknown = await run("--write").catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ exitCode: 2, problems: [{ slug }] });
  expect(JSON.stringify(error)).not.toContain("canary");
  expect(readFileSync(path, "utf8")).toBe(old);
  expect(readdirSync(dirname(path))).toEqual(["clouds.yaml"]);
});

test.for(["OS_AUTH_URL", "OS_PROJECT_NAME", "OS_USERNAME"])(
  "without %s one is told to source openrc.sh",
  async (name) => {
    const { run, stdout } = prepare({ ...openrc, [name]: "" });
    await expect(run()).rejects.toMatchObject({
      exitCode: 2,
      message: `${name} not set. Source your openrc.sh first.`,
    });
    expect(stdout).toEqual([]);
  },
);

test("without HOME there is no place to write to", async () => {
  await expect(prepare({ ...openrc, HOME: undefined }).run("--write")).rejects.toMatchObject({
    exitCode: 2,
    problems: [{ slug: "home-unset" }],
  });
});

test.for(["", "a b", "../x", "-", "a\nb"])("%j is no name for a cloud", async (name) => {
  await expect(prepare(openrc).run(`--cloud=${name}`)).rejects.toMatchObject({ problems: [{ slug: "cloud-name" }] });
});
