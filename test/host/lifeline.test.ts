import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test, vi } from "vitest";

const program = fileURLToPath(new URL("tied.ts", import.meta.url));

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("an engine that is tied to the command line", () => {
  const started: number[] = [];
  afterEach(() => {
    for (const pid of started.splice(0)) if (lives(pid)) process.kill(pid, "SIGKILL");
  });

  /** Starts the program and kills it. @returns the process ids of its engine and of the engine's child */
  async function killedWithEngine(...args: string[]): Promise<number[]> {
    const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    const [said] = (await once(child.stdout, "data")) as [Buffer];
    const pids = said.toString().trim().split(" ").map(Number);
    started.push(...pids);
    expect(pids.map(lives)).toEqual([true, true]);
    child.kill("SIGKILL");
    await once(child, "exit");
    return pids;
  }

  test("dies with it and with all its group, however suddenly it goes", async () => {
    const pids = await killedWithEngine();
    await vi.waitFor(() => expect(pids.map(lives)).toEqual([false, false]), { timeout: 10_000 });
  });

  test("lives on once it was let go", async () => {
    const pids = await killedWithEngine("letGo");
    // As long again as it took the other one to die, many times over.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(pids.map(lives)).toEqual([true, true]);
  });
});
