import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openInterrupts } from "../../src/host/interrupts.ts";

const child = fileURLToPath(new URL("interrupted.ts", import.meta.url));

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

test.for([
  { signal: "SIGINT", code: 130 },
  { signal: "SIGHUP", code: 130 },
  { signal: "SIGTERM", code: 143 },
] as const)("with nobody listening $signal ends the process with $code, without a word", async ({ signal, code }) => {
  const running = spawn(process.execPath, [child, "deaf"]);
  let output = "";
  running.stderr.on("data", (data: Buffer) => (output += data.toString()));
  await once(running.stdout, "data");
  running.stdout.on("data", (data: Buffer) => (output += data.toString()));
  running.kill(signal);

  expect(await once(running, "close")).toEqual([code, null]);
  expect(output).toBe("exit handlers ran\n");
});

test("while somebody listens the process lives on and hears each signal and their count", async () => {
  const running = spawn(process.execPath, [child, "listening"], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  running.stdout.on("data", (data: Buffer) => {
    output += data.toString();
    // One after the other: signals that are pending together are delivered as one.
    if (output.endsWith("ready\n")) running.kill("SIGTERM");
    if (output.endsWith("1 SIGTERM\n")) running.kill("SIGINT");
    if (output.endsWith("2 SIGINT\n")) running.kill("SIGHUP");
  });

  expect(await once(running, "close")).toEqual([143, null]);
  expect(output).toBe("ready\n1 SIGTERM\n2 SIGINT\n3 SIGHUP\n");
});

test("every listener is called until it stops listening, and then signals end the process again", () => {
  const source = new FakeProcess();
  const interrupts = openInterrupts(source);
  const heard: string[] = [];
  const stopFirst = interrupts.listen((count) => heard.push(`first ${count}`));
  const stopSecond = interrupts.listen((count) => heard.push(`second ${count}`));
  expect(interrupts.exitCode()).toBeUndefined();

  source.emit("SIGINT", "SIGINT");
  stopFirst();
  source.emit("SIGTERM", "SIGTERM");
  stopSecond();
  expect(source.exits).toEqual([]);
  source.emit("SIGTERM", "SIGTERM");

  expect(heard).toEqual(["first 1", "second 1", "second 2"]);
  expect(interrupts.exitCode()).toBe(130);
  expect(source.exits).toEqual([130]);
});

test("the same function may listen twice", () => {
  const source = new FakeProcess();
  const interrupts = openInterrupts(source);
  let heard = 0;
  const listener = () => (heard += 1);
  interrupts.listen(listener);
  const stop = interrupts.listen(listener);
  stop();

  source.emit("SIGINT", "SIGINT");

  expect(heard).toBe(1);
});
