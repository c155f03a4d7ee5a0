/** The command line as processes: what they print, how they end, and nothing of them left behind. */
import { spawn, type ChildProcess } from "node:child_process";

export type Ran = { code: number; signal: NodeJS.Signals | null; stdout: string; stderr: string };
export type Running = { child: ChildProcess; ended: Promise<Ran> };
/** What is typed once `after` is on the screen. */
export type Typing = { after: string; keys: string };
type Env = Readonly<Record<string, string>>;

/** No command of a test takes as long; what does is killed with all its children and ends with -1. */
const usualPatienceMs = 150_000;

/** `node <command>` as processes that begin in `cwd`, each in a group of its own. */
export function openProcesses(command: string, cwd: string, patienceMs = usualPatienceMs) {
  const running = new Set<ChildProcess>();

  function follow(child: ChildProcess): Running {
    let [stdout, stderr] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    running.add(child);
    const tooLong = setTimeout(() => killGroup(child), patienceMs);
    const ended = new Promise<Ran>((resolve) => {
      child.once("close", (code, signal) => {
        clearTimeout(tooLong);
        running.delete(child);
        resolve({ code: code ?? -1, signal, stdout, stderr });
      });
    });
    return { child, ended };
  }

  return {
    start(args: readonly string[], env: Env): Running {
      const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
      return follow(spawn(process.execPath, [command, ...args], { env, cwd, detached: true, stdio }));
    },
    /** On a terminal, so that both streams come as one, in `stdout`. */
    startOnTerminal(args: readonly string[], env: Env, { after, keys }: Typing): Running {
      const line = ["exec", ...[process.execPath, command, ...args].map(quoted)].join(" ");
      const options = { env: { TERM: "xterm", SHELL: "/bin/sh", ...env }, cwd, detached: true };
      const child = spawn("script", ["-qec", line, "/dev/null"], options);
      let shown = "";
      const watch = (text: Buffer) => {
        shown += text.toString();
        if (!shown.includes(after)) return;
        child.stdout.off("data", watch);
        child.stdin.write(keys);
      };
      child.stdout.on("data", watch);
      return follow(child);
    },
    /** Kills what still runs. */
    async stop(): Promise<void> {
      const ends = [...running].map((child) => new Promise((resolve) => child.once("close", resolve)));
      for (const child of running) killGroup(child);
      await Promise.all(ends);
    },
  };
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended in this very moment.
  }
}
