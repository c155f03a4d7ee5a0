import { spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openEngine } from "../../src/pulumi/engine.ts";

let folder: string;
let user: ChildProcess | undefined;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "hailstack-pulumi-"))));
afterEach(() => {
  if (user?.pid !== undefined && user.exitCode === null) process.kill(-user.pid, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** A stand-in for `pulumi` that does this. */
function fake(script: string): string {
  const path = join(folder, "pulumi");
  writeFileSync(path, `#!/bin/sh\necho $$ > "$FOLDER/pid"\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}
/** Notes every signal, goes on after the first and ends at the second. */
const stubborn = `
count=0
note() { echo "$1" >> "$FOLDER/signals"; count=$((count + 1)); [ $count -lt 2 ] || exit 9; }
trap 'note INT' INT
trap 'note TERM' TERM
echo ready > "$FOLDER/ready"
while :; do sleep 0.05; done`;

/** Somebody who runs it, in a process group of their own. */
function start(path: string, ...args: string[]) {
  const script = fileURLToPath(new URL("engine-user.ts", import.meta.url));
  const child = spawn(process.execPath, [script, path, folder, ...args], {
    detached: true,
    env: { PATH: process.env.PATH, SECRET: "canary-ours", OS_PASSWORD: "canary-cloud", NODE_OPTIONS: "" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  user = child;
  let text = "";
  child.stdout.on("data", (data: Buffer) => (text += data.toString()));
  const ended = new Promise<{ heard: string[]; result: unknown }>((resolve) => {
    child.once("close", () => {
      const lines = text.trim().split("\n");
      resolve({ heard: lines.slice(0, -1), result: JSON.parse(lines.at(-1) ?? "null") });
    });
  });
  return { child, ended, say: (line: string) => void child.stdin.write(`${line}\n`), heard: () => text };
}
const run = (path: string, ...args: string[]) => start(path, ...args).ended;

async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 10));
}
const there = (name: string) => () => existsSync(join(folder, name));
const noted = (): string[] =>
  there("signals")() ? readFileSync(join(folder, "signals"), "utf8").trim().split("\n") : [];

test("it runs with these arguments, never asking anybody, and hands back what was said", async () => {
  const { result } = await run(fake('echo "$@"; echo "on stderr" >&2'), "up", "--yes");
  expect(result).toEqual({ stdout: "up --yes --non-interactive\non stderr\n" });
});

test("it gets the variables it was given and none of ours", async () => {
  await run(fake('env > "$FOLDER/env"'), "up");
  const env = Object.fromEntries(
    readFileSync(join(folder, "env"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(/=(.*)/s, 2)),
  );
  expect(env).toMatchObject({ GIVEN: "yes", ADDED: "too", FOLDER: folder, PULUMI_AUTOMATION_API: "true" });
  expect(Object.keys(env).filter((name) => ["SECRET", "OS_PASSWORD", "NODE_OPTIONS", "UNSET"].includes(name))).toEqual(
    [],
  );
});

test("what it says goes to a file that only we can read", async () => {
  await run(fake("echo secret"), "up");
  const place = readdirSync(folder).find((name) => name.startsWith("engine-")) ?? "";
  expect(statSync(join(folder, place, "output")).mode & 0o777).toBe(0o600);
});

test("its failure has its exit code and the end of what it said", async () => {
  const { result } = await run(fake('yes filler | head -n 30000; echo "error: the end" >&2; exit 7'), "up");
  expect(result).toMatchObject({ exitCode: 7, output: expect.stringMatching(/filler\nerror: the end\n$/) });
  expect((result as { output: string }).output.length).toBe(64 * 1024);
});

test("a program that cannot be started is told", async () => {
  const { result } = await run(join(folder, "absent"), "up");
  expect(result).toMatchObject({ bug: expect.stringContaining("ENOENT") });
});

test.for([
  ["stack select x", ""],
  ["stack output --json", "{}"],
  ["stack history", "[]"],
] as const)("'%s' is answered without starting it", async ([args, stdout]) => {
  expect((await run(fake("exit 1"), ...args.split(" "))).result).toEqual({ stdout });
  expect(there("pid")()).toBe(false);
});

test("'stack init' and 'stack rm' are its own business", async () => {
  for (const command of ["init", "rm"]) {
    expect((await run(fake('echo "$@"'), "stack", command)).result).toEqual({
      stdout: `stack ${command} --non-interactive\n`,
    });
  }
});

describe("a signal", () => {
  test("to our process group does not reach it: it has one of its own", async () => {
    const { child, ended, say, heard } = start(fake(`ps -o pgid= -p $$ > "$FOLDER/group"\n${stubborn}`), "up");
    await until(there("ready"));
    const [own, group] = ["pid", "group"].map((name) => readFileSync(join(folder, name), "utf8").trim());
    expect(group).toBe(own);
    process.kill(-(child.pid ?? 0), "SIGINT");
    await until(() => heard().includes("heard SIGINT"));
    say("interrupt");
    await until(() => noted().length === 1);
    say("interrupt");
    expect((await ended).result).toMatchObject({ exitCode: 9 });
    expect(noted()).toEqual(["INT", "INT"]);
  });

  /** Notes signals too, and ends well once it may. */
  const patient = stubborn.replace(
    "while :; do sleep 0.05; done",
    'until [ -e "$FOLDER/go" ]; do sleep 0.05; done; echo finished',
  );
  const letGo = () => writeFileSync(join(folder, "go"), "");

  test("lets it go on with what it does the first time", async () => {
    const { ended, say } = start(fake(patient), "up");
    await until(there("ready"));
    say("interrupt");
    await until(() => noted().length === 1);
    letGo();
    expect((await ended).result).toEqual({ stdout: "finished\n" });
  });

  test("before it started keeps it from starting", async () => {
    const engine = openEngine(fake("echo started"), "3.257.0", { PATH: process.env.PATH, FOLDER: folder });
    engine.interrupt();
    await expect(engine.run(["up"], folder, {})).rejects.toMatchObject({
      name: "EngineFailure",
      exitCode: undefined,
    });
    expect(there("pid")()).toBe(false);
  });

  test("and a deadline after it are one interrupt, not two", async () => {
    const { ended, say, heard } = start(fake(patient), "up");
    await until(there("ready"));
    say("interrupt");
    await until(() => noted().length === 1);
    say("stop");
    await until(() => heard().includes("did stop"));
    letGo();
    expect((await ended).result).toEqual({ stdout: "finished\n" });
    expect(noted()).toEqual(["INT"]);
  });

  test("is what a deadline alone comes to", async () => {
    const { ended, say } = start(fake(patient), "up");
    await until(there("ready"));
    say("stop");
    await until(() => noted().length === 1);
    letGo();
    expect((await ended).result).toEqual({ stdout: "finished\n" });
  });
});
