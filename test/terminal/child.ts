/** What process.test.ts runs as a process of its own: one job, named by the first argument. */
import { setTimeout as sleep } from "node:timers/promises";
import { openInterrupts } from "../../src/host/interrupts.ts";
import { failureOf } from "../../src/terminal/problems.ts";
import { openTerminal } from "../../src/terminal/terminal.ts";
import { server } from "./events.ts";

const terminal = openTerminal(process);
openInterrupts();

const jobs: Readonly<Record<string, () => Promise<void>>> = {
  async stages() {
    await terminal.stage("create", async () => {
      terminal.report({ event: "plan", total: 2 });
      terminal.report(server("c1-master", "started"));
      terminal.report(server(`c1-worker-${"0".repeat(100)}`, "started"));
      await sleep(150);
      terminal.report(server("c1-master", "done"));
      await sleep(250);
    });
    terminal.print("the answer");
  },
  prompt: () => terminal.confirmByTyping("c1", "Destroy cluster c1?", "--yes c1"),
  endless: () => terminal.stage("waiting", () => sleep(60_000)),
  async long() {
    await terminal.stage("create", async () => {
      for (let line = 1; line <= 2000; line += 1) {
        terminal.print(`answer ${line}`);
        terminal.report({ event: "note", message: `note ${line}` });
        if (line % 500 === 0) await sleep(5);
      }
    });
  },
  async bug() {
    terminal.hide(["hunter22"]);
    throw new TypeError("no hunter22 here");
  },
};

try {
  await jobs[process.argv[2] ?? ""]?.();
} catch (error) {
  const { exitCode, problems } = failureOf(error);
  for (const problem of problems) terminal.report({ event: "error", exit_code: exitCode, ...problem });
  process.exitCode = exitCode;
}
