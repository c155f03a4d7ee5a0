/** `doctor`: a line for everything that the other commands need, and the way out of each trouble. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, inject, onTestFinished, test } from "vitest";
import { startFaultyProxy } from "../../support/faulty-proxy.ts";
import { readFile } from "../../support/rig.ts";
import { openRig, watched } from "./watched.ts";

const proxy = await startFaultyProxy(inject("s3Endpoint"));
afterAll(() => proxy.stop());
const rig = await openRig({ storeEndpoint: proxy.endpoint });

const lines = [
  "config",
  "tool pulumi",
  "tool pulumi-resource-openstack",
  "tool packer",
  "tool packer-plugin-openstack",
  "credentials",
  "cloud",
  "clock against the cloud",
  "bucket list",
  "bucket put",
  "bucket get",
  "bucket delete",
  "clock against the store",
];
const failing = (stdout: string) => [...stdout.matchAll(/^FAIL (.*?) {2,}/gm)].map(([, what]) => what);

test("all is well: every line says what was found, and nothing is left of the probes", async () => {
  const run = await watched(rig, ["doctor"]);

  expect(run.code).toBe(0);
  expect([...run.stdout.matchAll(/^ok {3}(.*?) {2,}/gm)].map(([, what]) => what)).toEqual(lines);
  expect(run.stdout).toContain("environment: OS_* variables");
  expect(run.stdout).toContain("demo in project demo (");
  expect([run.writes, run.stored]).toEqual([[], []]);
});

test("--json is one line that says the same", async () => {
  const run = await rig.hailstack("doctor", "--json");
  const { healthy, findings } = JSON.parse(run.stdout);

  expect([run.code, healthy]).toEqual([0, true]);
  expect(findings.map(({ what }: { what: string }) => what)).toEqual(lines);
  expect(findings[1].tool).toEqual({
    path: join(rig.env.HAILSTACK_TOOLCHAIN ?? "", "pulumi"),
    version: expect.stringMatching(/^3\./),
    source: "HAILSTACK_TOOLCHAIN",
  });
});

test("an authority that the .env file names and that is none is a line like the others", async () => {
  const dotenv = join(rig.folder, "authority.env");
  writeFileSync(dotenv, `${readFile(rig.dotenv)}AWS_CA_BUNDLE=${rig.config}\n`, { mode: 0o600 });
  const run = await rig.start("doctor", "--config", rig.config, "--dotenv", dotenv).ended;
  rmSync(dotenv);

  expect(run.code).toBe(1);
  expect(failing(run.stdout)).toEqual(["bucket"]);
  expect(run.stdout).toContain("holds no PEM certificate");
  expect(run.stdout).not.toContain("clock against the store");
});

test("without a config it looks at the rest", async () => {
  const run = await rig.start("doctor").ended;

  expect(run.code).toBe(0);
  expect(run.stdout).not.toContain("bucket");
  expect(run.stdout).toContain("ok   cloud");
});

test("a .env file that is not there is a line like the others", async () => {
  const run = await rig.start("doctor", "--dotenv", join(rig.folder, "none.env")).ended;

  expect([run.code, failing(run.stdout)]).toEqual([1, [".env file"]]);
  expect(run.stdout).toContain("ok   cloud");
});

test("a tool that is missing and one that is too old", async () => {
  const folder = join(rig.folder, "old-tools");
  mkdirSync(folder);
  writeFileSync(join(folder, "pulumi"), "#!/bin/sh\necho v3.1.0\n", { mode: 0o755 });
  const run = await rig.withEnv({ HAILSTACK_TOOLCHAIN: folder }).hailstack("doctor");

  expect(run.code).toBe(1);
  expect(failing(run.stdout)).toEqual(["tool pulumi", "tool pulumi-resource-openstack"]);
  expect(run.stdout).toMatch(/version 3\.1\.0, wanted >= 3\.\d+\.\d+/);
  expect(run.stdout).toContain("fix: run 'npm run setup' in a checkout of hailstack, or");
});

test("without Packer all is well: only one command needs it, and the line says which and how to get it", async () => {
  const folder = join(rig.folder, "engine-only");
  mkdirSync(folder);
  for (const name of ["pulumi", "pulumi-resource-openstack"])
    symlinkSync(join(rig.env.HAILSTACK_TOOLCHAIN ?? "", name), join(folder, name));
  const engineOnly = rig.withEnv({ HAILSTACK_TOOLCHAIN: folder });
  const run = await engineOnly.hailstack("doctor");
  const { healthy, findings } = JSON.parse((await engineOnly.hailstack("doctor", "--json")).stdout);

  expect([run.code, failing(run.stdout), healthy]).toEqual([0, [], true]);
  expect(run.stdout).toMatch(
    /^note tool packer {2,}Packer not found: .* \(only build-image needs it\)\n {5}fix: run 'npm run toolchain' /m,
  );
  expect(findings.filter(({ ok }: { ok: boolean }) => !ok)).toMatchObject([
    { what: "tool packer", needed_by: "build-image", problems: [{ slug: "tool-missing" }] },
    { what: "tool packer-plugin-openstack", needed_by: "build-image", problems: [{ slug: "tool-missing" }] },
  ]);
});

test("no toolchain at all stops create before it looks at the network", async () => {
  const nowhere = join(rig.folder, "nowhere");
  const run = await watched(rig, () => rig.withEnv({ HAILSTACK_TOOLCHAIN: nowhere }).hailstack("create"));

  expect(run.code).toBe(2);
  expect(run.stderr).toContain(`Pulumi CLI not found: looked in HAILSTACK_TOOLCHAIN=${nowhere}`);
  expect(run.stderr).toContain("pulumi-resource-openstack not found");
  expect([run.writes, run.stored]).toEqual([[], []]);
});

test("a config with faults, and the rest all the same", async () => {
  rig.configure({ "cluster.name": "Not A Name" });
  const run = await rig.hailstack("doctor");
  rig.configure();

  expect(run.code).toBe(1);
  expect(failing(run.stdout)).toEqual(["config"]);
  expect(run.stdout).toContain("ok   cloud");
});

test("credentials that are missing or refused", async () => {
  const missing = await rig.withEnv({ OS_AUTH_URL: undefined, OS_USERNAME: undefined }).hailstack("doctor");
  const refused = await rig.withEnv({ OS_PASSWORD: "wrong" }).hailstack("doctor");

  expect([missing.code, failing(missing.stdout)]).toEqual([1, ["credentials"]]);
  expect([refused.code, failing(refused.stdout)]).toEqual([1, ["cloud"]]);
  expect(refused.stdout).toMatch(/FAIL cloud .*authentication refused by .*\n {5}fix: /);
});

test.for([
  { may: "only look", refused: ["PUT", "DELETE"], fails: ["bucket put", "bucket get", "bucket delete"] },
  { may: "not delete", refused: ["DELETE"], fails: ["bucket delete"] },
])("keys that may $may", async ({ refused, fails }) => {
  for (const method of refused) proxy.fail({ kind: "refuse", status: 403, code: "AccessDenied" }, { method });
  onTestFinished(() => proxy.heal());
  const run = await rig.hailstack("doctor");

  expect([run.code, failing(run.stdout)]).toEqual([1, fails]);
});

test("a clock that is wrong", async () => {
  rig.cloud.clock.advance(20 * 60_000);
  const run = await rig.hailstack("doctor");

  expect([run.code, failing(run.stdout)]).toEqual([1, ["clock against the cloud"]]);
  expect(run.stdout).toMatch(/(1199|120\d) s behind/);
  expect(run.stdout).toContain("fix: set this machine's clock: timedatectl set-ntp true");
});

test("programs that are asked their version are told no secret", async () => {
  const env = { HAILSTACK_WEB_PASSWORD: rig.secrets[1] ?? "", HAILSTACK_VOLUME_PASSWORD: rig.secrets[2] ?? "" };
  const before = rig.started().length;
  await rig.withEnv(env).hailstack("doctor");
  const started = rig.started();

  expect(started.length).toBe(before + 4);
  expect(started.map(({ env }) => Object.keys(env).filter((name) => /PASS|OS_/.test(name)))).toEqual(
    started.map(() => []),
  );
});
