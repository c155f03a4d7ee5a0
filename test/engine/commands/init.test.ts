/** `init`: a config to begin with. */
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundleId, publicKey, readFile } from "../../support/rig.ts";
import { openRig, slugs, watched } from "./watched.ts";

const images = [{ name: `hailstack-${bundleId}` }];
const rig = await openRig({ cloud: { images, keypairs: [{ name: "laptop", publicKey }] } });
const path = join(rig.folder, "hailstack.toml");

test("it refuses without credentials, before anything is written", async () => {
  const run = await rig.withEnv({ OS_AUTH_URL: undefined }).hailstack("init");

  expect(run.code).toBe(2);
  expect(() => statSync(path)).toThrow("ENOENT");
});

test("it writes what the cloud has, in a file that needs only the state's place", async () => {
  const run = await watched(rig, ["init", "--name", "genomes"]);

  expect(run.code).toBe(0);
  expect(run.stdout).toContain("hailstack.toml written.");
  expect([run.writes, run.stored]).toEqual([[], []]);
  const text = readFile(path);
  expect(text).toContain('name = "genomes"');
  expect(text).toContain('master_flavour = "m2.2xlarge"');
  expect(text).toContain('network_name = "cloudforms_network"');
  expect(text).toContain('floating_ip_pool = "public"');
  expect(text).toContain(`public_keys = ["${publicKey}"]`);

  const finished = text.replace("s3.example.org", rig.bucket.endpoint).replace("hailstack-state", rig.bucket.bucket);
  writeFileSync(path, finished.replace('endpoint = "s3.example.org"', `endpoint = "${rig.bucket.endpoint}"`));
  const tried = await rig.start("create", "--config", path, "--dotenv", rig.dotenv, "--dry-run").ended;
  expect([tried.stderr, tried.code]).toEqual([expect.any(String), 0]);
});

test("a name that no command would take is told at once", async () => {
  const run = await watched(rig, ["init", "--name", "My Cluster", "--output", "other.toml"]);

  expect([run.code, slugs(run), run.calls]).toEqual([2, ["config-cluster-name"], []]);
});

test("it never writes over a file", async () => {
  const before = readFile(path);
  const run = await rig.hailstack("init");

  expect([run.code, slugs(run)]).toEqual([2, ["file-exists"]]);
  expect(readFile(path)).toBe(before);
});
