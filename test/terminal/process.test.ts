/** The terminal of a real process: closed pipes, real pseudo-terminals, signals. */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { FakeTerminal } from "./screen.ts";

const child = fileURLToPath(new URL("child.ts", import.meta.url));
const hasPty = spawnSync("script", ["--version"]).status === 0;
const environment = { PATH: process.env["PATH"], HOME: process.env["HOME"], TERM: "xterm" };

type Ended = { code: number | null; output: string };

/** Runs child.ts below a pseudo-terminal of `columns` and types `keys` once `after` is on the screen. */
function onPty(columns: number, job: string, { after, keys }: { after: string; keys: string }): Promise<Ended> {
  const command = `stty cols ${columns} rows 24; exec "${process.execPath}" "${child}" ${job}`;
  const pty = spawn("script", ["-qec", command, "/dev/null"], { env: { ...environment, SHELL: "/bin/sh" } });
  let output = "";
  let typed = false;
  pty.stdout.on("data", (data: Buffer) => {
    output += data.toString();
    if (typed || !output.includes(after)) return;
    typed = true;
    pty.stdin.write(keys);
  });
  return new Promise((resolve) => pty.on("close", (code) => resolve({ code, output })));
}

test.skipIf(!hasPty).for([40, 200])(
  "a real terminal of %i columns shows the stages and is left clean",
  async (columns) => {
    const { code, output } = await onPty(columns, "stages", { after: "never", keys: "" });

    expect(code).toBe(0);
    const screen = new FakeTerminal(columns);
    screen.write(output);
    expect(output).toContain(columns === 40 ? "[#####-----] 1/2" : "[##########----------] 1/2");
    expect(screen.cursorVisible).toBe(true);
    expect(screen.lines()).toEqual([expect.stringMatching(/^create: done in \d\.\ds$/), "the answer"]);
  },
);

test.skipIf(!hasPty).for([
  { keys: "c1\r", code: 0 },
  { keys: "c2\r", code: 1 },
  { keys: "\u0004", code: 1 },
  { keys: "\u0003", code: 130 },
])("on a real terminal the keys $keys at the prompt end with $code", async ({ keys, code }) => {
  const ended = await onPty(80, "prompt", { after: "Type the cluster name to confirm:", keys });

  expect(ended.output).toContain("Destroy cluster c1?");
  expect(ended.code).toBe(code);
});

test.skipIf(!hasPty)("Ctrl-C in the middle of a stage gives the cursor back", async () => {
  const { code, output } = await onPty(80, "endless", { after: "waiting", keys: "\u0003" });

  expect(code).toBe(130);
  expect(output.lastIndexOf("\u001B[?25h")).toBeGreaterThan(output.lastIndexOf("\u001B[?25l"));
});

test("without a terminal a prompt ends with 2 and does not wait", () => {
  const { status, stderr } = spawnSync(process.execPath, [child, "prompt"], { env: environment, input: "" });

  expect(status).toBe(2);
  expect(stderr.toString()).toContain("fix: pass --yes c1 to go on without being asked");
});

test.for(["stdout", "stderr"] as const)("work goes on to its end when the reader of %s is gone", async (stream) => {
  const running = spawn(process.execPath, [child, "long"], { env: environment });
  running[stream].destroy();
  const other = stream === "stdout" ? running.stderr : running.stdout;
  let text = "";
  other.on("data", (data: Buffer) => (text += data.toString()));
  const code = await new Promise((resolve) => running.on("close", resolve));

  expect(code).toBe(0);
  expect(text).toContain(stream === "stdout" ? "create: done" : "answer 2000");
});

test("a bug shows neither its stack nor a secret", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, "bug"], { env: environment });

  expect(status).toBe(1);
  expect(stdout.toString()).toBe("");
  expect(stderr.toString()).toMatch(
    /^hailstack: error\[internal\]: TypeError: no \*\*\* here\n {2}fix: report it .*\n$/,
  );
});
