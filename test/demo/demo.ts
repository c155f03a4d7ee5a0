/**
 * `npm run demo [-- --check] [--api]`: the real command line makes and removes a cluster on a simulated cloud. Where this
 * machine can have real nodes, its servers are such, and a Hail job and JupyterLab run on them; with `--api`, and elsewhere,
 * they are names, and the cluster grows. `--check`, for scripts, waits for nobody. Ends with 0 when every step did what
 * it should, 1 when one did not, 130 after Ctrl-C. Either way everything is taken down.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, styleText } from "node:util";
import { openSurroundings, type Surroundings } from "./surroundings.ts";
import { stepsOf, type Command, type Objects, type Step } from "./steps.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);
const bold = (text: string) => styleText("bold", text);
const dim = (text: string) => styleText("dim", text);

const startedAt = performance.now();
const { check, api } = parseArgs({
  options: { check: { type: "boolean", default: false }, api: { type: "boolean", default: false } },
}).values;
const interrupt = new AbortController();
let surroundings: Surroundings | undefined;
process.on("SIGINT", () => {
  interrupt.abort();
  // A terminal has told the command that runs as well; saying it twice would mean "abandon it".
  if (!process.stdin.isTTY) surroundings?.pass("SIGINT");
});
for (const signal of ["SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    interrupt.abort();
    surroundings?.pass(signal);
  });
}
try {
  surroundings = await openSurroundings(api, interrupt.signal);
  process.exitCode = await play(surroundings);
} catch (error) {
  say(interrupt.signal.aborted ? "\nInterrupted." : styleText("red", `\nfailed: ${textOf(error)}`));
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
} finally {
  await surroundings?.stop();
}

/** Runs every step; the exit code. */
async function play(around: Surroundings): Promise<number> {
  introduce(around);
  const first = around.cloud.objects();
  const steps = stepsOf(around.noNodes === undefined, process.stdin.isTTY && !check);
  for (const [index, step] of steps.entries()) {
    say(`\n${bold(`${index + 1}/${steps.length}  ${step.title}`)}`);
    const trouble = await run(around, step, first);
    if (interrupt.signal.aborted) {
      say(`\nInterrupted. The cluster, ${around.folder}, the simulated cloud and the S3 server are removed.`);
      return 130;
    }
    if (trouble) {
      say(styleText("red", `\nfailed: ${trouble}`));
      return 1;
    }
  }
  say(`\nAll ${steps.length} steps did what they should, in ${Math.round((performance.now() - startedAt) / 1000)} s.`);
  say("On your own cloud: hailstack init writes a config for it, hailstack doctor checks what is needed.");
  return 0;
}

function introduce({ folder, noNodes }: Surroundings): void {
  say(bold("hailstack, from nothing to a cluster and back"));
  say("");
  say("  real      the command line, the Pulumi engine, its OpenStack plugin, an S3 server for the state");
  if (noNodes === undefined) {
    say("  real too  the servers: systemd in containers of this machine, booted from an image that packer/ has baked");
    say("  not real  the cloud: OpenStack's API imitated on loopback");
  } else {
    say("  not real  the cloud: OpenStack's API imitated on loopback; servers take a second and never boot");
    say(`            (${noNodes})`);
  }
  say(`  in        ${folder}, which goes away at the end`);
  say(`\n${dim("$")} cat cluster.toml`);
  say(readFileSync(join(folder, "cluster.toml"), "utf8").trimEnd());
}

/** What went wrong, if anything did. */
async function run(around: Surroundings, step: Step, first: Objects): Promise<string | undefined> {
  try {
    const found = "visit" in step ? await step.visit(around, interrupt.signal) : await command(around, step, first);
    say(`${styleText("green", "ok")}  ${found}`);
    return undefined;
  } catch (error) {
    return textOf(error);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What its check found. @throws Error when the command or its check fails */
async function command({ cloud, edit, hailstack }: Surroundings, step: Command, first: Objects): Promise<string> {
  if (step.edit) {
    edit(step.edit.from, step.edit.to);
    say(`${dim("$")} sed -i 's/${step.edit.from}/${step.edit.to}/' cluster.toml`);
  }
  say(`${dim("$")} hailstack ${step.args.join(" ")}`);
  const before = cloud.objects();
  const heard = cloud.journal.length;
  const code = await hailstack(step.args);
  if (code !== 0) throw new Error(`hailstack ended with ${code}`);
  const calls = cloud.journal.slice(heard);
  // A login is a POST that changes nothing.
  const writes = calls.filter(({ method, path }) => method !== "GET" && !path.endsWith("/auth/tokens"));
  return step.check({ first, before, after: cloud.objects(), writes: writes.length, calls: calls.length });
}
