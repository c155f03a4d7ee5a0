/**
 * Runs the `pulumi` program for the Automation API in our way: its own process group, so that a terminal's Ctrl-C
 * reaches it once and through us; an environment made anew; its output in a file.
 */
import { spawn } from "node:child_process";
import { mkdtemp, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import type { Env } from "../world.ts";
import { tieToUs } from "../host/lifeline.ts";
import { definedOnly } from "../host/passed-on.ts";

/** How a run of the engine ended when it did not end well. */
export class EngineFailure extends Error {
  readonly exitCode: number | undefined;
  /** The end of what it wrote, both streams; not fit for a user's eyes as it stands. */
  readonly output: string;

  constructor(exitCode: number | undefined, output: string) {
    super(`pulumi ended with ${exitCode ?? "a signal"}`);
    this.name = "EngineFailure";
    this.exitCode = exitCode;
    this.output = output;
  }
}

/** Characters; a failing engine repeats itself, and what it says last is what matters. */
const keptOutput = 64 * 1024;

/**
 * The engine at `path` as the SDK wants it, plus `interrupt`, which asks whatever runs to stop: the first time after
 * its running steps, the second time at once.
 */
export function openEngine(path: string, version: string, env: Env) {
  let running: { kill(signal: NodeJS.Signals): boolean } | undefined;
  let interrupts = 0;

  async function run(args: string[], cwd: string, additionalEnv: Record<string, string>) {
    const known = alreadyKnown(args);
    if (known !== undefined) return { stdout: known, stderr: "", code: 0 };
    if (interrupts > 0) throw new EngineFailure(undefined, "interrupted before it started");
    const output = join(await mkdtemp(join(cwd, "engine-")), "output");
    const file = await open(output, "w", 0o600);
    const child = spawn(path, [...args, "--non-interactive"], {
      cwd,
      env: { ...definedOnly(env), ...additionalEnv, PULUMI_AUTOMATION_API: "true" },
      detached: true,
      // A file, not a pipe: what it says last is of use however it ends.
      stdio: ["ignore", file.fd, file.fd],
    });
    running = child;
    const letGo = child.pid === undefined ? () => {} : tieToUs(child.pid);
    const exitCode = await new Promise<number | undefined>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => resolve(code ?? undefined));
    }).finally(() => {
      running = undefined;
      letGo();
      return file.close();
    });
    const text = await readFile(output, "utf8");
    if (exitCode !== 0) throw new EngineFailure(exitCode, text.slice(-keptOutput));
    return { stdout: text, stderr: "", code: 0 };
  }

  function interrupt(): void {
    interrupts += 1;
    running?.kill("SIGINT");
  }

  return {
    // The SDK's class has private members and no constructor for us, but only these three are ever used.
    command: { command: path, version: { toString: () => version }, run } as unknown as PulumiCommand,
    run,
    interrupt,
    /** As the first interrupt, unless there was one. */
    stop(): void {
      if (interrupts === 0) interrupt();
    },
  };
}
export type Engine = ReturnType<typeof openEngine>;

/**
 * The SDK starts four more processes around each operation, half a second each, for things we know: that the stack is
 * there (we asked the store by key), its outputs (they come with the events) and its history (we do not use it).
 */
function alreadyKnown(args: readonly string[]): string | undefined {
  if (args[0] !== "stack") return undefined;
  if (args[1] === "select") return "";
  if (args[1] === "output") return "{}";
  if (args[1] === "history") return "[]";
  return undefined;
}
