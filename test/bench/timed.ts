/** Runs a program to its end and says how long it took and how much memory it had. */
import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { performance } from "node:perf_hooks";

export type Timed = {
  /** From the start until the process has ended. */
  ms: number;
  code: number;
  stdout: string;
  stderr: string;
  /** Lines of stdout with the ms at which they came. */
  lines: { ms: number; text: string }[];
  /** Peak resident memory in MiB by program name, the process and its children; empty unless `watchMemory` was set. */
  peakMib: Readonly<Record<string, number>>;
};
export type TimedOptions = {
  env: Readonly<Record<string, string>>;
  cwd?: string;
  /** Read /proc every 50 ms; costs a little. */
  watchMemory?: boolean;
};

/** Nothing that is measured here takes as long, ms. */
const patienceMs = 600_000;

/** @throws Error when the program cannot be started or does not end in ten minutes */
export function timed(
  program: string,
  args: readonly string[],
  { env, cwd, watchMemory }: TimedOptions,
): Promise<Timed> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(program, args, {
      env,
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: patienceMs,
      killSignal: "SIGKILL",
    });
    const memory = watchMemory && child.pid !== undefined ? watchPeaks(child.pid) : undefined;
    let [stdout, stderr, ms] = ["", "", 0];
    const lines: Timed["lines"] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      for (const line of text.split("\n")) if (line) lines.push({ ms: performance.now() - started, text: line });
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    // Reading the rest of its pipes is our time, not the program's.
    child.once("exit", () => (ms = performance.now() - started));
    child.once("close", (code, signal) => {
      const peakMib = memory?.stop() ?? {};
      if (signal) reject(new Error(`${program} ${args.join(" ")} ended by ${signal}: ${stderr.slice(-2000)}`));
      else resolve({ ms, code: code ?? -1, stdout, stderr, lines, peakMib });
    });
  });
}

/** @throws Error with the program's last words when it did not end with `code` */
export function requireCode(ran: Timed, code = 0): Timed {
  if (ran.code === code) return ran;
  throw new Error(`ended with ${ran.code}, not ${code}: ${ran.stderr.slice(-2000)}${ran.stdout.slice(-2000)}`);
}

/** The kernel keeps each process's peak; it is read until the process is gone. */
function watchPeaks(root: number) {
  const peaks: Record<string, number> = {};
  const look = () => {
    for (const pid of [root, ...descendants(root)]) {
      const status = statusOf(pid);
      const [name, kib] = [/^Name:\s+(.*)$/m.exec(status)?.[1], /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]];
      if (name === undefined || kib === undefined) continue;
      const label = pid === root ? "hailstack" : name;
      peaks[label] = Math.max(peaks[label] ?? 0, Math.round(Number(kib) / 1024));
    }
  };
  const timer = setInterval(look, 50);
  return {
    stop(): Record<string, number> {
      clearInterval(timer);
      return peaks;
    },
  };
}

function descendants(root: number): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: Number(/^PPid:\s+(\d+)$/m.exec(statusOf(Number(name)))?.[1]) }));
  const below = (pid: number): number[] =>
    parents.filter(({ parent }) => parent === pid).flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(root);
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}
