/** `create --dry-run`: it says everything and writes nothing, anywhere. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, inject, onTestFinished, test } from "vitest";
import { startFaultyProxy } from "../../support/faulty-proxy.ts";
import { jsonLines, openRig, resultOf, slugs, succeeds, type Watched, watched } from "./watched.ts";

const proxy = await startFaultyProxy(inject("s3Endpoint"));
afterAll(() => proxy.stop());
const rig = await openRig({ storeEndpoint: proxy.endpoint });

/** A dry run of credentials that may read and nothing else. */
async function dryRun(...args: string[]): Promise<Watched> {
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    proxy.fail({ kind: "refuse", status: 403, code: "AccessDenied" }, { method });
    for (const service of ["compute", "network", "volume", "image"] as const) {
      rig.cloud.faults.add({ match: { service, method }, fault: { kind: "refuse", status: 403 } });
    }
  }
  onTestFinished(() => {
    proxy.heal();
    rig.cloud.faults.clear();
  });
  const run = await watched(rig, ["create", "--dry-run", ...args]);
  expect([run.writes, run.stored]).toEqual([[], []]);
  return run;
}

test("before there is a cluster it lists all that would be made, and ends with 0", async () => {
  const run = await dryRun();

  expect(run.code).toBe(0);
  expect(run.stdout).toContain("  + Instance            c1-worker-02");
  expect(run.stdout).toMatch(/instances +\+3 +0 of 10 in use/);
  expect(run.stdout).toContain("23 to create. Nothing was written.");
  expect(run.stderr).toContain("warning[world-open]: security_groups.master.hdfs");
});

test("with --json every line is JSON and the last one is the answer", async () => {
  const run = await dryRun("--json", "--exit-code");

  expect(run.code).toBe(1);
  expect(jsonLines(run).every(({ event }) => typeof event === "string")).toBe(true);
  expect(resultOf(run)).toMatchObject({
    event: "result",
    command: "create",
    dry_run: true,
    changes: { create: 23, update: 0, delete: 0, replace: 0 },
    resources: expect.arrayContaining([{ operation: "create", name: "c1-master", kind: "Instance", properties: [] }]),
    quota: expect.arrayContaining([{ kind: "instances", need: 3, used: 0, limit: 10 }]),
    warnings: expect.arrayContaining([expect.objectContaining({ slug: "world-open" })]),
    orphans: [],
  });
  expect(run.stderr).toBe("");
});

test("an engine that fails is no 'there are changes'", async () => {
  const folder = join(rig.folder, "broken");
  mkdirSync(folder);
  writeFileSync(
    join(folder, "pulumi"),
    "#!/bin/sh\n[ $1 = version ] && exec echo v3.257.0\necho 'error: broken'\nexit 255\n",
  );
  writeFileSync(join(folder, "pulumi-resource-openstack"), "#!/bin/sh\necho 3.15.2\n");
  for (const name of ["pulumi", "pulumi-resource-openstack"]) chmodSync(join(folder, name), 0o755);
  const args = ["create", "--config", rig.config, "--dotenv", rig.dotenv, "--dry-run", "--exit-code"];
  const run = await rig.withEnv({ HAILSTACK_TOOLCHAIN: folder }).start(...args).ended;

  expect(run.code).toBe(3);
  expect(run.stderr).toContain("error: broken");
});

test("on a cluster that is as its config says it finds nothing", async () => {
  await succeeds(rig, "create");
  const run = await dryRun("--exit-code");

  expect(run.code).toBe(0);
  expect(run.stdout).toContain("0 changes. Nothing was written.");
});

test("on a cluster whose config has changed it tells the change, by the exit code too", async () => {
  rig.configure({ "cluster.num_workers": 3, "security_groups.allowed_cidrs": ["10.0.0.0/8"] });
  const run = await dryRun("--exit-code", "--json");

  expect(run.code).toBe(1);
  const { changes, resources, fields } = resultOf(run);
  expect(changes).toMatchObject({ create: 2 + 9, delete: 9, replace: 0 });
  expect(resources).toContainEqual({ operation: "create", name: "c1-worker-03", kind: "Instance", properties: [] });
  expect(fields).toContainEqual(expect.objectContaining({ field: "cluster.num_workers", was: 2, wanted: 3 }));
});

test("a change that cannot be made ends with 3, with --exit-code too", async () => {
  rig.configure({ "cluster.master_flavour": "m2.large" });
  const run = await dryRun("--exit-code");

  expect(run.code).toBe(3);
  expect(slugs(run)).toEqual(["live-change"]);
});
