/** A bed of real nodes of this process's own, gone when the process is, however that ends. */
import { execFile, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { checkout } from "../support/checkout.ts";
import { bedFolder } from "./place.ts";

const script = join(checkout, "test/nodes/nodes");
const run = promisify(execFile);

export type BedName = {
  /** A letter or two. */
  bed: string;
  /** The first three numbers of its network: `10.97.5`. */
  net: string;
};

export type Bed = BedName & {
  /** Runs `nodes <args>`; what it says. @throws Error with what it complains of */
  nodes(...args: string[]): Promise<string>;
  /** Runs a command on a node as root, past SSH; stdout. @throws Error when it fails */
  exec(node: string, ...command: string[]): Promise<string>;
  /** The node's address on the bed's network. */
  address(node: string): string;
  /** All that the node has written on its console since it was made; nothing once it is gone. */
  console(node: string): string;
  /** As leftOf. */
  left(): string[];
  /** Takes everything down. */
  stop(): Promise<void>;
};

/** Why this machine can have no real nodes; undefined when it can. */
export function whyNoNodes(): string | undefined {
  if (process.platform !== "linux") return "real nodes need Linux";
  if (process.getuid?.() !== 0) return "real nodes need root";
  const has = (program: string) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
  if (!has("systemd-nspawn") && !has("apt-get")) return "real nodes need systemd-nspawn";
  if (spawnSync("unshare", ["--mount", "--net", "true"]).status !== 0)
    return "real nodes need a machine that lets root mount";
  if (!readFileSync("/proc/mounts", "utf8").includes(" cgroup2 rw")) return "real nodes need control groups to write";
  return undefined;
}

/** `HAILSTACK_NODES_BED` and `HAILSTACK_NODES_NET` win over `usual`. */
export const bedName = (usual: BedName): BedName => ({
  bed: process.env["HAILSTACK_NODES_BED"] ?? usual.bed,
  net: process.env["HAILSTACK_NODES_NET"] ?? usual.net,
});

/** Sweeps what an earlier holder left, and holds the bed. @throws Error when somebody else does */
export async function holdBed(name: BedName): Promise<Bed> {
  const env = { ...process.env, HAILSTACK_NODES_BED: name.bed, HAILSTACK_NODES_NET: name.net };
  const holder = spawn(script, ["hold"], { detached: true, stdio: ["pipe", "pipe", "inherit"], env });
  await held(holder);
  const folder = bedFolder(name.bed);
  async function nodes(...args: string[]): Promise<string> {
    try {
      return (await run(script, args, { env, maxBuffer: 64 * 2 ** 20 })).stdout;
    } catch (error) {
      throw new Error(complaintOf(error), { cause: error });
    }
  }
  return {
    ...name,
    nodes,
    exec: (node, ...command) => nodes("exec", node, "--", ...command),
    address: (node) => readFileSync(join(folder, node, "address"), "utf8").trim(),
    console(node) {
      const file = join(folder, node, "console.log");
      return existsSync(file) ? readFileSync(file, "utf8") : "";
    },
    left: () => leftOf(name.bed),
    async stop() {
      const ended = once(holder, "exit");
      holder.stdin?.end();
      await ended;
    },
  };
}

async function held({ stdout, pid }: ChildProcess): Promise<void> {
  if (stdout === null) throw new Error("the bed's holder has no output");
  for await (const line of createInterface(stdout)) {
    if (line === "held") return;
  }
  throw new Error(`the bed's holder ${pid} ended; somebody else may hold the bed`);
}

function complaintOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = "stderr" in error ? String(error.stderr).trim() : "";
  return said === "" ? error.message : said;
}

/** Whatever of a bed's nodes is on this machine: names of nodes, network name spaces, mounts. */
export function leftOf(bed: string): string[] {
  const folder = bedFolder(bed);
  const nodes = existsSync(folder) ? readdirSync(folder).map((name) => `node ${name}`) : [];
  const spaces = existsSync("/run/netns")
    ? readdirSync("/run/netns").filter((space) => space.startsWith(`hs${bed}-`))
    : [];
  const mounts = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((path) => path.startsWith(`${folder}/`));
  return [...nodes, ...spaces.map((space) => `network name space ${space}`), ...mounts.map((path) => `mount ${path}`)];
}
