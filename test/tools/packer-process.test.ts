/** Packer under a process of ours: signals from outside, and what is left when one of the two is killed. */
import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hasPacker, nullTemplate, openPackerRig, type PackerRig } from "./packer-rig.ts";

const program = fileURLToPath(new URL("packer-user.ts", import.meta.url));
let rig: PackerRig;
let user: ChildProcess | undefined;
beforeEach(async () => {
  if (hasPacker) rig = await openPackerRig();
});
afterEach(() => {
  if (user?.pid !== undefined && user.exitCode === null && user.signalCode === null) process.kill(-user.pid, "SIGKILL");
  rig?.remove();
});

/** Ids of all processes that were given this run's folder. */
function running(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== user?.pid)
    .filter((pid) => textOf(`/proc/${pid}/environ`).includes(`TMPDIR=${rig.runDir}`))
    .map(Number);
}
const nothingRuns = () => vi.waitFor(() => expect(running()).toEqual([]), { timeout: 20_000 });
const parentOf = (pid: number): number => Number(/^PPid:\s*(\d+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1]);

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It has ended.
    return "";
  }
}

/** Starts a build whose script says "ready" and then sleeps, deaf to interrupts; resolves when it does. */
async function startBuild() {
  const template = join(rig.folder, "slow.pkr.hcl");
  const script = "echo hailstack-stage start base 1 1; trap '' INT TERM HUP; sleep 0.2; echo ready; sleep 600";
  writeFileSync(template, nullTemplate(script));
  const child = spawn(process.execPath, [program, rig.folder, template], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  user = child;
  let text = "";
  child.stdout.on("data", (data: Buffer) => (text += data.toString()));
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await vi.waitFor(() => expect(textOf(rig.logFile)).toContain("ready"), { timeout: 20_000 });
  return { child, closed, end: () => JSON.parse(text.trim().split("\n").at(-1) ?? "null") };
}

describe.skipIf(!hasPacker)("a build under way", () => {
  test.for([
    ["SIGINT", 130],
    ["SIGHUP", 130],
    ["SIGTERM", 143],
  ] as const)("stops at %s with %s, and Packer hears one interrupt", async ([signal, exitCode]) => {
    const { child, closed, end } = await startBuild();
    child.kill(signal);
    await closed;

    expect(end()).toMatchObject({ exitCode, problems: [{ slug: "interrupted" }] });
    expect(rig.log().match(/Cancelling build after receiving/g)).toHaveLength(1);
    await nothingRuns();
  });

  test("hears a terminal's Ctrl-C through us alone: it has a process group of its own", async () => {
    const { child, closed, end } = await startBuild();
    process.kill(-(child.pid ?? 0), "SIGINT");
    await closed;

    expect(end()).toMatchObject({ exitCode: 130 });
    expect(rig.log().match(/Cancelling build after receiving/g)).toHaveLength(1);
    await nothingRuns();
  });

  test("dies with all its plugins and scripts when we are killed", async () => {
    const { child, closed } = await startBuild();
    // Packer, its builder and provisioner plugins, the script and what it runs.
    expect(running().length).toBeGreaterThanOrEqual(4);
    child.kill("SIGKILL");
    await closed;
    await nothingRuns();
  });

  test("that is killed itself is told as that, and its plugins do not go on", async () => {
    const { child, closed, end } = await startBuild();
    const packer = running().find((pid) => parentOf(pid) === child.pid);
    process.kill(packer ?? 0, "SIGKILL");
    await closed;

    expect(end()).toMatchObject({ exitCode: 1, problems: [{ slug: "packer-killed" }] });
    expect(end().problems[0].message).toMatch(/^Packer was ended by SIGKILL, while running the scripts /);
    expect(end().problems[0].fix).toMatch(/^'hailstack image prune'/);
    await nothingRuns();
  });
});
