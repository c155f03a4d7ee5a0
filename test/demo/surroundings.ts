/** What the demo runs in: a simulated cloud, an S3 server, and a folder with a config and its `.env`. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { z } from "zod";
import { startCloud, type SimulatedCloud } from "../support/cloud/cloud.ts";
import type { CloudOptions } from "../support/cloud/options.ts";
import { realCloud } from "../support/real-nodes.ts";
import { bundleId, checkout } from "../support/rig.ts";
import { makeKey } from "../support/ssh.ts";
import { openGround, type Ground } from "./machines.ts";

export type Surroundings = {
  cloud: SimulatedCloud;
  /** Where the command line runs; `cluster.toml` and `.env` are in it. */
  folder: string;
  /** Why the servers are nothing but their names; undefined when they are real nodes. */
  noNodes: string | undefined;
  /** The address of the cluster as it is now: its master's floating IP. */
  address(): Promise<string>;
  /** Exchanges a text of cluster.toml for another. */
  edit(from: string, to: string): void;
  /** Runs `hailstack <args>` on the terminal that is there; its exit code. */
  hailstack(args: readonly string[]): Promise<number>;
  /** Passes a signal on to the command that runs now. */
  pass(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
};

/** Of the web front, which nobody but this machine can reach. */
export const password = "not-a-real-password";
const user = { name: "you", password: "not-your-real-password", projects: ["your-project"] };
/** What the tests' image is baked from. */
const realBundle = "test-hail-0.2.137-r1";
/** Milliseconds: long enough that somebody sees what is in flight. */
const delays = { build: 1500, delete: 500, volume: 800, attach: 500 };
/** What a user's shell would hand on that decides how the output looks. */
const fromShell = ["PATH", "TERM", "COLUMNS", "NO_COLOR", "FORCE_COLOR", "CI", "LANG", "LC_ALL", "HAILSTACK_TOOLCHAIN"];

/** `apiOnly` has no real nodes wherever it runs. Rejects when `signal` comes while their image is baked. */
export async function openSurroundings(apiOnly: boolean, signal: AbortSignal): Promise<Surroundings> {
  const say = (text: string) => void process.stdout.write(`${text}\n`);
  const ground = apiOnly ? { none: "--api" } : await openGround(signal, say);
  const real = "bed" in ground ? ground : undefined;
  const state = await startState();
  const cloud = await startCloud({ users: [user], ...cloudOptions(real) });
  const folder = mkdtempSync(join(tmpdir(), "hailstack-demo-"));
  const config = join(folder, "cluster.toml");
  writeFileSync(config, readFileSync(join(checkout, `test/demo/${real ? "real-" : ""}cluster.toml`), "utf8"));
  writeFileSync(join(folder, ".env"), dotenv(state.bucket, await makeKey(folder, "key")), { mode: 0o600 });
  const shell = Object.fromEntries(fromShell.map((name) => [name, process.env[name]]));
  const bundles = real ? { HAILSTACK_BUNDLES: join(checkout, "test/bundle/bundles.toml") } : {};
  const env = { ...shell, ...bundles, HOME: folder, XDG_RUNTIME_DIR: folder, ...cloud.env };
  const main = join(checkout, "dist/main.js");
  let running: ReturnType<typeof spawn> | undefined;

  return {
    cloud,
    folder,
    noNodes: "none" in ground ? ground.none : undefined,
    async address() {
      const status = ["status", "--config", "cluster.toml", "--dotenv", ".env", "--json"];
      const { stdout } = await promisify(execFile)(process.execPath, [main, ...status], { cwd: folder, env });
      return Status.parse(JSON.parse(stdout)).master.ip;
    },
    edit: (from, to) => writeFileSync(config, readFileSync(config, "utf8").replace(from, to)),
    async hailstack(args) {
      running = spawn(process.execPath, [main, ...args], {
        cwd: folder,
        env,
        stdio: "inherit",
      });
      const [code] = await once(running, "exit");
      running = undefined;
      return typeof code === "number" ? code : 1;
    },
    pass: (signal) => void running?.kill(signal),
    async stop() {
      await Promise.all([cloud.stop(), state.stop(), real?.bed.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function cloudOptions(real: Ground | undefined): CloudOptions {
  if (real) return realCloud(real.bed, real.root, realBundle);
  return { images: [{ name: `hailstack-${bundleId}` }], delays };
}

const Status = z.object({ master: z.object({ ip: z.string() }) });
const Bucket = z.object({ endpoint: z.url(), bucket: z.string(), access_key: z.string(), secret_key: z.string() });
type Bucket = z.infer<typeof Bucket>;

async function startState(): Promise<{ bucket: Bucket; stop(): Promise<void> }> {
  const script = join(checkout, "test/demo/s3-apart.ts");
  const child = spawn(process.execPath, [script], { detached: true, stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  for await (const line of createInterface(child.stdout)) {
    return {
      bucket: Bucket.parse(JSON.parse(line)),
      async stop() {
        child.stdin.end();
        await ended;
      },
    };
  }
  throw new Error("the S3 server ended before it told its address");
}

const dotenv = ({ endpoint, bucket, access_key, secret_key }: Bucket, publicKey: string): string =>
  [
    `HAILSTACK_WEB_PASSWORD=${password}`,
    "HAILSTACK_VOLUME_PASSWORD=not-a-real-passphrase",
    `STATE_ENDPOINT=${endpoint}`,
    `STATE_BUCKET=${bucket}`,
    `CEPH_S3_ACCESS_KEY=${access_key}`,
    `CEPH_S3_SECRET_KEY=${secret_key}`,
    `PUBLIC_KEY='${publicKey}'`,
    "",
  ].join("\n");
