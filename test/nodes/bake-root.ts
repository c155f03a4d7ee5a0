/** A native bake: the stages of packer/ inside a root file system of this machine, with its network. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InputFile } from "../../src/cluster/image-inputs.ts";

export type RootBake = {
  /** Root file system that becomes the image. */
  root: string;
  /** Folder with bake, stages and scripts. */
  kit: string;
  /** By path, as `imageInputs` makes them. */
  inputs: Readonly<Record<string, InputFile>>;
  /** Folder that keeps downloads; without it nothing is kept. */
  cache?: string;
  /** Runs these stages alone. */
  stages?: readonly string[];
  /** Everything it says goes here too. */
  log: string;
  /** Ends the bake, and everything it started. */
  signal?: AbortSignal;
};

/** Ends with its exit code; `line` gets each line it says. */
export async function bakeRoot(bake: RootBake, line: (text: string) => void): Promise<number> {
  const inputs = await mkdtemp(join(tmpdir(), "hailstack-inputs-"));
  const log = await open(bake.log, "w", 0o600);
  let release = (): void => {};
  try {
    for (const [path, { content, mode }] of Object.entries(bake.inputs))
      await writeFile(join(inputs, path), content, { mode });
    if (bake.cache !== undefined) {
      await mkdir(bake.cache, { recursive: true });
      // apt gives up on downloads that another bake is at.
      release = await hold(join(bake.cache, "lock"));
    }
    return await run(nspawnArguments(bake, inputs), bake.signal, (text) => {
      log.appendFile(`${text}\n`).catch(() => {});
      line(text);
    });
  } finally {
    release();
    await log.close();
    await rm(inputs, { recursive: true, force: true });
  }
}

/** What bakeRoot's `line` may be: it says which stage began or ended, and nothing else of all that is said. */
export const tellStages =
  (say: (text: string) => void) =>
  (line: string): void => {
    if (line.startsWith("hailstack-stage ")) say(line.slice("hailstack-stage ".length));
  };

/** Waits until nobody else holds `file`, and holds it until told, or until this process ends. */
export async function hold(file: string): Promise<() => void> {
  const holder = spawn("flock", [file, "sh", "-c", "echo held; cat"], { stdio: ["pipe", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  return () => void holder.stdin.end();
}

function nspawnArguments({ root, kit, cache, stages }: RootBake, inputs: string): string[] {
  const inside = { kit: "/run/hailstack-kit", inputs: "/run/hailstack-inputs", cache: "/run/hailstack-cache" };
  return [
    "-q",
    `--directory=${root}`,
    "--register=no",
    "--keep-unit",
    "--as-pid2",
    "--resolv-conf=copy-host",
    "--pipe",
    // A builder has a name that leads nowhere, too.
    "--hostname=image-builder",
    `--bind-ro=${kit}:${inside.kit}`,
    `--bind-ro=${inputs}:${inside.inputs}`,
    ...(cache === undefined ? [] : [`--bind=${cache}:${inside.cache}`, `--setenv=HAILSTACK_CACHE=${inside.cache}`]),
    ...(stages === undefined ? [] : [`--setenv=HAILSTACK_STAGES=${stages.join(" ")}`]),
    "bash",
    `${inside.kit}/bake`,
    inside.inputs,
  ];
}

function run(args: string[], signal: AbortSignal | undefined, line: (text: string) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    // A group of its own: a terminal's Ctrl-C is ours to pass on.
    const child = spawn("systemd-nspawn", args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    let rest = "";
    const take = (data: Buffer): void => {
      const lines = (rest + data.toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      for (const text of lines) line(text.replace(/\r$/, ""));
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    const stop = (): void => {
      // Its child is process 1 inside; with that gone the kernel ends the rest, which otherwise would go on without us.
      spawnSync("pkill", ["-KILL", "-P", String(child.pid)]);
      child.kill("SIGKILL");
    };
    signal?.addEventListener("abort", stop);
    child.once("error", reject);
    child.once("close", (code) => {
      signal?.removeEventListener("abort", stop);
      resolve(code ?? 137);
    });
  });
}
