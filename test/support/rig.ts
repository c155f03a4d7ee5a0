/**
 * A cluster's whole surroundings for one test: a simulated cloud, a bucket on a real S3 server, a config and its
 * `.env`, and the real command line as a process. Every secret in it is a canary that no output may show.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { s3Client } from "./s3.ts";
import { startCloud, type SimulatedCloud } from "./cloud/cloud.ts";
import type { CloudOptions } from "./cloud/options.ts";
import type { BucketSettings } from "../../src/world.ts";

export const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const bundleId = "hail-0.2.137-gnomad-3.0.4-r2";

/** TOML values by dotted key; `undefined` leaves a key out. */
export type Fields = Readonly<Record<string, unknown>>;

export type Ran = { code: number; signal: NodeJS.Signals | null; stdout: string; stderr: string };
export type Rig = {
  cloud: SimulatedCloud;
  bucket: BucketSettings;
  folder: string;
  secrets: readonly string[];
  /** Writes the config anew with these fields over the usual ones; its path. */
  configure(fields?: Fields): string;
  /** `hailstack <args>`, to its end. */
  hailstack(...args: string[]): Promise<Ran>;
  /** The same, under way; in a process group of its own. */
  start(...args: string[]): { child: ChildProcess; ended: Promise<Ran> };
  /** Environment of the command line. */
  env: Record<string, string>;
  stop(): Promise<void>;
};

export type RigOptions = { s3Endpoint: string; cloud?: CloudOptions; fields?: Fields; env?: Record<string, string> };

export async function startRig({ s3Endpoint, cloud: cloudOptions, fields, env: moreEnv }: RigOptions): Promise<Rig> {
  const id = randomBytes(5).toString("hex");
  const bucket = {
    endpoint: s3Endpoint,
    bucket: `state-${id}`,
    access_key: `canary-access-${id}`,
    secret_key: `canary-state-secret-${id}`,
  };
  await s3Client(bucket).send(new CreateBucketCommand({ Bucket: bucket.bucket }));
  const password = `canary-cloud-${id}`;
  const cloud = await startCloud({
    images: [{ name: `hailstack-${bundleId}` }],
    users: [{ name: "demo", password, projects: ["demo"] }],
    ...cloudOptions,
  });
  const folder = mkdtempSync(join(tmpdir(), "hailstack-rig-"));
  const web = `canary-web-${id}`;
  const volume = `canary-volume-${id}`;
  const config = join(folder, "cluster.toml");
  const dotenv = join(folder, ".env");
  writeFileSync(
    dotenv,
    `HAILSTACK_WEB_PASSWORD=${web}\nHAILSTACK_VOLUME_PASSWORD=${volume}\nCEPH_S3_ACCESS_KEY=${bucket.access_key}\nCEPH_S3_SECRET_KEY=${bucket.secret_key}\n`,
    { mode: 0o600 },
  );
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    HAILSTACK_TOOLCHAIN: process.env.HAILSTACK_TOOLCHAIN ?? "",
    ...cloud.env,
    ...moreEnv,
  };
  const usual = usualFields(bucket);
  const configure = (more: Fields = {}): string => {
    writeFileSync(config, toml({ ...usual, ...fields, ...more }));
    return config;
  };
  configure();

  function start(...args: string[]): { child: ChildProcess; ended: Promise<Ran> } {
    const main = join(checkout, "dist/main.js");
    const child = spawn(process.execPath, [main, ...args], { env, cwd: folder, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout?.on("data", (data: Buffer) => (stdout += data.toString()));
    child.stderr?.on("data", (data: Buffer) => (stderr += data.toString()));
    const ended = new Promise<Ran>((resolve) => {
      child.once("close", (code, signal) => resolve({ code: code ?? -1, signal, stdout, stderr }));
    });
    return { child, ended };
  }

  return {
    cloud,
    bucket,
    folder,
    secrets: [password, web, volume, bucket.secret_key, bucket.access_key],
    configure,
    start,
    env,
    hailstack: (command, ...args) => {
      const files = ["convert-auth", "init", "--help", "--version"].includes(command ?? "") ? [] : ["--config", config, "--dotenv", dotenv];
      return start(command ?? "", ...files, ...args).ended;
    },
    async stop() {
      await cloud.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A key whose private half nobody has. */
export const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIn1liHMNDGDsYkarULEIR291cwfGbEKRLv0+n/X1S1 rig@example";

function usualFields({ endpoint, bucket }: BucketSettings): Fields {
  return {
    "cluster.name": "c1",
    "cluster.bundle": bundleId,
    "cluster.num_workers": 2,
    "cluster.master_flavour": "m2.medium",
    "cluster.worker_flavour": "m2.small",
    "cluster.network_name": "cloudforms_network",
    "cluster.floating_ip_pool": "public",
    "ceph_s3.endpoint": endpoint,
    "ceph_s3.bucket": bucket,
    "ceph_s3.access_key": "$CEPH_S3_ACCESS_KEY",
    "ceph_s3.secret_key": "$CEPH_S3_SECRET_KEY",
    "ssh_keys.public_keys": [publicKey],
  };
}

/** Dotted keys as TOML tables; JSON's strings, numbers, booleans and arrays are TOML's too. */
export function toml(fields: Fields): string {
  const tables = new Map<string, string[]>();
  for (const [dotted, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const table = dotted.slice(0, dotted.lastIndexOf("."));
    const lines = tables.get(table) ?? [];
    lines.push(`${dotted.slice(table.length + 1)} = ${JSON.stringify(value)}`);
    tables.set(table, lines);
  }
  return [...tables].map(([table, lines]) => `[${table}]\n${lines.join("\n")}\n`).join("\n");
}

/** What lies in the bucket, by key. */
export const readFile = (path: string): string => readFileSync(path, "utf8");
