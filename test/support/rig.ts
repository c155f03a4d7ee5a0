/**
 * A cluster's whole surroundings for one test: a simulated cloud, a bucket on a real S3 server, a config and its
 * `.env`, and the real command line as a process. Every secret in it is a canary that nothing may show.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import type { BucketSettings } from "../../src/world.ts";
import { bucketOf } from "./bucket.ts";
import { canaries } from "./canaries.ts";
import { checkout } from "./checkout.ts";
import { startCloud, type SimulatedCloud } from "./cloud/cloud.ts";
import type { CloudOptions } from "./cloud/options.ts";
import { openProcesses, type Ran, type Running, type Typing } from "./processes.ts";
import { recordTools, type Started } from "./recorded-tools.ts";
import { bundleId, toml, usualFields, type Fields } from "./rig-config.ts";
import { refuseLeaks, watchSecrets } from "./secrecy.ts";
import { s3Client } from "./s3.ts";

export { checkout } from "./checkout.ts";
export type { Ran } from "./processes.ts";
export { bundleId, publicKey, toml, type Fields } from "./rig-config.ts";

/** Ways to run the command line; each fails when the output shows a secret. */
export type CommandLine = {
  /** `hailstack <args>` with the rig's config and `.env`, to its end. */
  hailstack(...args: string[]): Promise<Ran>;
  /** These arguments alone (and `--no-wait` for a `create` of servers that never boot); under way, in a group of its own. */
  start(...args: string[]): Running;
  /** As hailstack, on a terminal; both streams come as `stdout`. */
  onTerminal(typing: Typing, ...args: string[]): Promise<Ran>;
};

export type Rig = CommandLine & {
  cloud: SimulatedCloud;
  bucket: BucketSettings;
  /** The bucket's content, past hailstack. */
  objects: ReturnType<typeof bucketOf>;
  /** Home of the command line. */
  folder: string;
  config: string;
  dotenv: string;
  secrets: readonly string[];
  webPassword: string;
  /** The secret to set HAILSTACK_STATE_PASSPHRASE to. */
  passphrase: string;
  /** Writes the config anew with these fields over the usual ones; its path. */
  configure(fields?: Fields): string;
  /** The same surroundings with other variables; `undefined` takes one away. */
  withEnv(changes: Readonly<Record<string, string | undefined>>): CommandLine;
  /** Environment of the command line. */
  env: Record<string, string>;
  /** Every program of the toolchain that was started. */
  started(): Started[];
  /** Ends everything. @throws Error when a secret was left anywhere */
  stop(): Promise<void>;
};

export type RigOptions = {
  s3Endpoint: string;
  /** Where the config says that the store is, when it is not said to be there: a proxy's address. */
  storeEndpoint?: string;
  cloud?: CloudOptions;
  fields?: Fields;
  env?: Record<string, string>;
  /** The cloud's servers are machines: `create` waits until they are a cluster. */
  boots?: boolean;
};

/** Another build than the checkout's, for those who change the sources while tests run. */
const command = process.env.HAILSTACK_TEST_MAIN ?? join(checkout, "dist/main.js");
/** A cluster of machines on a processor that others use as well. */
const bootsMs = 1_200_000;
/** Commands that need no file. */
const withoutConfig = new Set(["convert-auth", "init", "--help", "--version"]);
/** Commands that are two words. */
const groups = new Set(["image"]);

export async function startRig(options: RigOptions): Promise<Rig> {
  const id = randomBytes(5).toString("hex");
  const secret = canaries(id);
  const keys = { access_key: secret.accessKey, secret_key: secret.secretKey };
  const store = { endpoint: options.s3Endpoint, bucket: `state-${id}`, ...keys };
  const bucket = { ...store, endpoint: options.storeEndpoint ?? store.endpoint };
  await s3Client(store).send(new CreateBucketCommand({ Bucket: bucket.bucket }));
  const cloud = await startCloud({
    images: [{ name: `hailstack-${bundleId}` }],
    users: [{ name: "demo", password: secret.cloud, projects: ["demo"] }],
    ...options.cloud,
  });
  const folder = mkdtempSync(join(tmpdir(), "hailstack-rig-"));
  const [config, dotenv, temporary] = [join(folder, "cluster.toml"), join(folder, ".env"), join(folder, "tmp")];
  mkdirSync(temporary);
  writeFileSync(dotenv, dotenvText(secret), { mode: 0o600 });
  const tools = recordTools(folder);
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    TMPDIR: temporary,
    XDG_RUNTIME_DIR: folder,
    HAILSTACK_TOOLCHAIN: tools.folder,
    // One for all: a home that is new knows no compiled code yet, and a run starts half a second later.
    NODE_COMPILE_CACHE: join(checkout, "node_modules/.cache/compiled"),
    ...cloud.env,
    ...options.env,
  };
  const objects = bucketOf(store);
  const secrets = Object.values(secret);
  const watch = watchSecrets({
    secrets,
    objects,
    folder,
    dotenv,
    started: tools.started,
    forEngine: [secret.cloud, secret.passphrase],
  });
  const processes = openProcesses(command, folder, options.boots ? bootsMs : undefined);
  const configure = (more: Fields = {}): string => {
    writeFileSync(config, toml({ ...usualFields(bucket), ...options.fields, ...more }));
    return config;
  };
  configure();

  function commandLine(variables: () => Record<string, string>): CommandLine {
    const judged = ({ child, ended }: Running): Running => ({ child, ended: ended.then(watch.output) });
    // Servers that never boot never become a cluster.
    const patient = (args: string[]) => (args[0] === "create" && !options.boots ? [...args, "--no-wait"] : args);
    const full = (args: string[]) => {
      if (withoutConfig.has(args[0] ?? "")) return args;
      const words = groups.has(args[0] ?? "") ? 2 : 1;
      return [...args.slice(0, words), "--config", config, "--dotenv", dotenv, ...args.slice(words)];
    };
    return {
      start: (...args) => judged(processes.start(patient(args), variables())),
      hailstack: (...args) => judged(processes.start(patient(full(args)), variables())).ended,
      onTerminal: (typing, ...args) =>
        judged(processes.startOnTerminal(patient(full(args)), variables(), typing)).ended,
    };
  }

  return {
    ...commandLine(() => env),
    cloud,
    bucket,
    objects,
    folder,
    config,
    dotenv,
    secrets,
    webPassword: secret.web,
    passphrase: secret.passphrase,
    configure,
    env,
    started: tools.started,
    withEnv: (changes) => commandLine(() => withChanges(env, changes)),
    async stop() {
      await processes.stop();
      const found = await watch.leftBehind();
      await cloud.stop();
      rmSync(folder, { recursive: true, force: true });
      refuseLeaks(found);
    },
  };
}

const dotenvText = ({ web, volume, accessKey, secretKey, proxy }: ReturnType<typeof canaries>) =>
  [
    `HAILSTACK_WEB_PASSWORD='${web}'`,
    `HAILSTACK_VOLUME_PASSWORD='${volume}'`,
    `CEPH_S3_ACCESS_KEY=${accessKey}`,
    `CEPH_S3_SECRET_KEY=${secretKey}`,
    `BUILD_PROXY=http://builder:${proxy}@proxy.example.org:3128`,
    "",
  ].join("\n");

function withChanges(env: Record<string, string>, changes: Readonly<Record<string, string | undefined>>) {
  const all = Object.entries({ ...env, ...changes });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

export const readFile = (path: string): string => readFileSync(path, "utf8");
