/** One run of the `packer` program: a process group of its own, interrupted once and ended for certain. */
import { spawn } from "node:child_process";
import { tieToUs } from "../host/lifeline.ts";
import { definedOnly } from "../host/passed-on.ts";
import type { Env } from "../world.ts";
import { linesOf } from "./lines.ts";

/** Characters of Packer's log of itself; only a crash makes it worth reading. */
const keptLog = 16 * 1024;

export type PackerEnd = {
  /** undefined when a signal ended it. */
  exitCode: number | undefined;
  signal: NodeJS.Signals | undefined;
  /** The end of its log of itself. */
  log: string;
};

export type PackerProcess = {
  /** @throws Error of the system when it cannot be started, and what `onLines` throws */
  ended: Promise<PackerEnd>;
  /** As Ctrl-C in a terminal: Packer cancels the build and cleans up. It hears only the first. */
  interrupt(): void;
  /** Ends it with its plugins, at once and wherever they are. */
  kill(): void;
};

export type PackerCall = {
  path: string;
  args: readonly string[];
  cwd: string;
  /** All that it gets. */
  env: Env;
  /** Gets stdout as it comes; Packer waits while this has not taken it. */
  onLines(lines: string[]): Promise<void>;
};

export function startPacker({ path, args, cwd, env, onLines }: PackerCall): PackerProcess {
  const child = spawn(path, [...args], {
    cwd,
    env: definedOnly({ ...env, ...unwrapped }),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const letGo = child.pid === undefined ? () => {} : tieToUs(child.pid);
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log = (log + text).slice(-keptLog)));

  /** The whole group: Packer hears it, its plugins are deaf to it, and scripts that it runs here end. */
  function signal(name: NodeJS.Signals): void {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // Nobody of the group is left.
    }
  }

  async function follow(): Promise<PackerEnd> {
    const closed = new Promise<PackerEnd>((resolve, reject) => {
      child.once("error", reject);
      // What Packer has left running of its group would keep its output open.
      child.once("exit", () => signal("SIGKILL"));
      child.once("close", (code, by) => resolve({ exitCode: code ?? undefined, signal: by ?? undefined, log }));
    });
    const read = (async () => {
      for await (const lines of linesOf(child.stdout)) await onLines(lines);
    })();
    try {
      const [end] = await Promise.all([closed, read]);
      return { ...end, log };
    } catch (error) {
      signal("SIGKILL");
      throw error;
    } finally {
      letGo();
    }
  }
  return { ended: follow(), interrupt: () => signal("SIGINT"), kill: () => signal("SIGKILL") };
}

/**
 * Packer puts itself into another process of itself that looks out for crashes, is deaf to interrupts and keeps all
 * output in a temporary file. This tells it, as Packer's main.go provides, that it has one already.
 */
const unwrapped = { PACKER_WRAP_COOKIE: "49C22B1A-3A93-4C98-97FA-E07D18C787B5" };
