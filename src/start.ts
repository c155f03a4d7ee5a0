/** The real world: every adapter behind the interface it implements, loaded when it is first needed. */
import { existsSync, readFileSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { Exit } from "./errors.ts";
import { openFiles } from "./host/files.ts";
import { openInterrupts } from "./host/interrupts.ts";
import { xdgFolder } from "./host/xdg.ts";
import { runProgram } from "./program.ts";
import { openTerminal } from "./terminal/terminal.ts";
import type { ToolchainPlaces } from "./tools/toolchain.ts";
import { createMask } from "./terminal/mask.ts";
import type { Env, World } from "./world.ts";

/** The folder with the files that hailstack ships with: the nearest one above this that has them. */
function assetsFolder(from = import.meta.dirname): string {
  if (existsSync(join(from, "bundles.toml")) || dirname(from) === from) return from;
  return assetsFolder(dirname(from));
}

/** Runs the process's own command line. */
export async function main(): Promise<number> {
  const { env } = process;
  const mask = createMask();
  const files = openFiles();
  const { stdout, stderr } = process;
  // Only a question opens stdin: to look at it is to set a stream up.
  const terminal = openTerminal({
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    env,
    mask,
  });
  const interrupts = openInterrupts();
  let exitCode: number = Exit.done;
  let adapters: Env = env;

  const world: World = {
    env,
    terminal,
    files,
    interrupts,
    machine: {
      hostname: hostname(),
      get user() {
        return userName();
      },
      pid: process.pid,
      alive,
    },
    useEnv: (wider) => (adapters = wider),
    now: () => new Date(),
    setExitCode: (code) => (exitCode = code),
    exitCode: () => exitCode,
    stateFile: async (name) => join(await stateFolder(env), name),
    asset: async (name) => readFileSync(join(assetsFolder(), name), "utf8"),
    async assetTree(folder) {
      const { readTree } = await import("./host/read-tree.ts");
      return readTree(join(assetsFolder(), folder));
    },
    async assetFolder(name) {
      const { folderDigest } = await import("./host/folder-digest.ts");
      const path = join(assetsFolder(), name);
      return { path, digest: await folderDigest(path) };
    },
    async resolveCloud(from) {
      const { resolveCloud } = await import("./openstack/credentials.ts");
      return resolveCloud(files, from, from.HOME || homedir(), process.cwd());
    },
    async openCloud(credentials) {
      const { openCloud } = await import("./openstack/cloud.ts");
      return openCloud(credentials, { env: adapters });
    },
    async openBucket(settings) {
      const [{ openBucket }, { openFetch }] = await Promise.all([import("./s3/bucket.ts"), import("./net/http.ts")]);
      return openBucket(settings, await openFetch({ env: adapters, cacertPath: adapters.AWS_CA_BUNDLE }));
    },
    async openStacks(options) {
      const { openRealStacks } = await import("./open-stacks.ts");
      return openRealStacks(options, world, await toolPlaces(adapters));
    },
    async openImageBuilder() {
      const { openRealImageBuilder } = await import("./open-image-builder.ts");
      return openRealImageBuilder(world, (text) => mask.apply(text), await toolPlaces(adapters));
    },
    async openNodes(options) {
      const { openNodes } = await import("./ssh/nodes.ts");
      return openNodes(options);
    },
    async runSsh(args) {
      const { runSsh } = await import("./host/run-ssh.ts");
      return runSsh(args, adapters, interrupts);
    },
    async findTools() {
      const { findTools } = await import("./tools/toolchain.ts");
      return findTools(await toolPlaces(adapters));
    },
    async fetchDigest(url, options) {
      const [{ fetchDigest }, { openFetch }] = await Promise.all([import("./net/digest.ts"), import("./net/http.ts")]);
      return fetchDigest(await openFetch({ env: adapters, extraCacertPath: options.caFile }), url, options);
    },
  };
  return runProgram(world, process.argv.slice(2), async (thrown) => {
    const { failureOf } = await import("./terminal/problems.ts");
    const known = failureOf(thrown);
    if (known.problems[0]?.slug !== "internal") return known;
    const { saveBugReport } = await import("./terminal/bug-report.ts");
    const folder = await stateFolder(env).catch(() => undefined);
    return failureOf(thrown, folder && (await saveBugReport(thrown, { files, folder, mask })));
  });
}

async function stateFolder(env: Env): Promise<string> {
  const { stateDir } = await import("./host/paths.ts");
  return stateDir(env);
}

async function toolPlaces(env: Env): Promise<ToolchainPlaces> {
  const { toolchainCache } = await import("./tools/toolchain.ts");
  const cache = toolchainCache(xdgFolder("cache", env) ?? "/nonexistent");
  return { env, besideExecutable: dirname(process.execPath), cache };
}

/** Containers run as ids that are in no user database. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

/** Signal 0 reaches a process of ours (true), one of others (EPERM, true too), or nobody. */
function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
