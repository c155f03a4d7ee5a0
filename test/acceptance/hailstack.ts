/** The command line as a user of the lab runs it: a folder with a config, a `.env` and credentials, and processes. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { checkout } from "../support/checkout.ts";
import { toml, type Fields } from "../support/rig-config.ts";
import type { BucketSettings, Env } from "../../src/world.ts";

export type Hailstack = {
  folder: string;
  /** Writes the config anew. */
  configure(fields: Fields): void;
  /** `hailstack <args>` with config and `.env`; stdout. @throws Error with the end of its output when it fails */
  run(env: Env, ...args: string[]): Promise<string>;
  /** As run, for a command that is not to come to its end; `said` is what it wrote on stderr so far. */
  start(env: Env, ...args: string[]): Started;
  /** As run, with `--json`: the result of `create`, which does not wait until the servers are a cluster. */
  create(env: Env, ...args: string[]): Promise<Created>;
  /** As create, until the servers are a cluster; `key` is the private one that logs in. */
  form(env: Env, key: string, ...args: string[]): Promise<Formed>;
  /** Starts no command any more, and sends the one that runs a signal, if one is given. */
  stop(signal?: NodeJS.Signals): void;
  close(): void;
};

export type Started = {
  said(): string;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code; null when a signal ended it. */
  ended: Promise<number | null>;
};

const Created = z.object({
  event: z.literal("result"),
  master_public_ip: z.string(),
  changes: z.object({ create: z.number(), update: z.number(), delete: z.number(), replace: z.number() }),
});
export type Created = z.infer<typeof Created>;
const Formed = Created.extend({
  ready: z.literal(true),
  readiness: z.object({ job: z.object({ seconds: z.number() }) }),
});
export type Formed = z.infer<typeof Formed>;

/** One command. On emulated machines a cluster forms within the hour, a build of an image takes more. */
const longMs = 3 * 3_600_000;
const usualMs = 900_000;

/** The last line of JSON that a command printed. */
const result = async (printed: Promise<string>): Promise<unknown> =>
  JSON.parse((await printed).trim().split("\n").at(-1) ?? "");

export function openHailstack({ access_key, secret_key }: BucketSettings): Hailstack {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-acceptance-"));
  const secrets = {
    HAILSTACK_WEB_PASSWORD: crypto.randomUUID(),
    HAILSTACK_VOLUME_PASSWORD: crypto.randomUUID(),
    CEPH_S3_ACCESS_KEY: access_key,
    CEPH_S3_SECRET_KEY: secret_key,
  };
  const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(folder, ".env"), lines.join(""), { mode: 0o600 });
  const { PATH, HAILSTACK_TOOLCHAIN } = process.env;
  const usual = { PATH, HAILSTACK_TOOLCHAIN, HOME: folder, XDG_RUNTIME_DIR: folder };

  let running: ChildProcess | undefined;
  let stopped = false;

  const argumentsOf = (command: string, args: readonly string[]): string[] =>
    // The second word of a command of two stands before its options.
    [join(checkout, "dist/main.js"), ...command.split(" "), "--config", "cluster.toml", "--dotenv", ".env", ...args];

  function start(env: Env, command: string, ...args: string[]): Started {
    const child = spawn(process.execPath, argumentsOf(command, args), {
      cwd: folder,
      env: { ...usual, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (data: Buffer) => (said += data.toString("utf8")));
    return {
      said: () => said,
      kill: (signal) => void child.kill(signal),
      ended: new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
      }),
    };
  }

  function run(env: Env, command: string, ...args: string[]): Promise<string> {
    const all = argumentsOf(command, args);
    const options = {
      cwd: folder,
      env: { ...usual, ...env },
      timeout: command === "build-image" || args.includes("--timeout") ? longMs : usualMs,
      maxBuffer: 2 ** 26,
    };
    return new Promise((resolve, reject) => {
      if (stopped) return reject(new Error(`interrupted before hailstack ${command}`));
      running = execFile(process.execPath, all, options, (error, stdout, stderr) => {
        running = undefined;
        if (!error) return resolve(stdout);
        const end = `${stdout}${stderr}`.trim().split("\n").slice(-12).join("\n");
        reject(new Error(`hailstack ${command} ended with ${error.code ?? error.signal}:\n${end}`));
      });
    });
  }

  return {
    folder,
    configure: (fields) => writeFileSync(join(folder, "cluster.toml"), toml(fields)),
    run,
    start,
    create: async (env, ...args) => Created.parse(await result(run(env, "create", "--json", "--no-wait", ...args))),
    form: async (env, key, ...args) =>
      Formed.parse(await result(run(env, "create", "--json", "--timeout", "120", "--ssh-key", key, ...args))),
    stop(signal) {
      stopped = true;
      if (signal) running?.kill(signal);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
