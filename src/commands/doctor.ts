/** `hailstack doctor`: every thing a cluster command needs, tried one by one, each failing line with its fix. */
import { Command } from "commander";
import { probeBucket } from "../cluster/probe.ts";
import type { Loaded } from "../config/load.ts";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { Cloud, Env, World } from "../world.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";

type DoctorOptions = { config?: string; dotenv?: string; json?: true };
type Finding = { what: string; ok: boolean; detail: string; problems: readonly Problem[] };

/** S3 refuses a request whose clock is off by more than 15 minutes; certificates and tokens suffer before. */
const maxSkewSeconds = 60;

export const doctorCommand = (world: World) =>
  new Command("doctor")
    .option("--config <file>", "cluster TOML file; without one the file and the bucket are not looked at")
    .option("--dotenv <file>", "read variables from this file first")
    .option("--json", "print the answer as one line of JSON")
    .action((options: DoctorOptions) => doctor(world, options));

async function doctor(world: World, options: DoctorOptions): Promise<void> {
  const findings: Finding[] = [];
  for (const { name, path, version, problem } of await world.findTools()) {
    const detail = problem?.message ?? `${version} (${path})`;
    findings.push({ what: `tool ${name}`, ok: !problem, detail, problems: problem ? [problem] : [] });
  }
  const loaded = await checkConfig(world, options, findings);
  await checkCloud(world, loaded?.env ?? world.env, findings);
  if (loaded) await checkBucket(world, loaded, findings);
  const healthy = findings.every(({ ok }) => ok);
  world.terminal.print(options.json ? JSON.stringify({ healthy, findings }) : text(findings));
  if (!healthy) world.setExitCode(Exit.failed);
}

/** Runs one check; what it returns is its line, what it throws its problems. */
async function check<T>(findings: Finding[], what: string, work: () => Promise<[T, string]>): Promise<T | undefined> {
  try {
    const [value, detail] = await work();
    findings.push({ what, ok: true, detail, problems: [] });
    return value;
  } catch (error) {
    if (!(error instanceof HailstackError)) throw error;
    const detail = error.problems.map(({ message }) => message).join("; ");
    findings.push({ what, ok: false, detail, problems: error.problems });
    return undefined;
  }
}

async function checkConfig(
  world: World,
  { config, dotenv }: DoctorOptions,
  findings: Finding[],
): Promise<Loaded | undefined> {
  if (config === undefined) return undefined;
  const options: ConfigOptions = dotenv === undefined ? { config } : { config, dotenv };
  return check(findings, "config", async () => [await openConfig(world, options, ["state"]), config]);
}

async function checkCloud(world: World, env: Env, findings: Finding[]): Promise<void> {
  const credentials = await check(findings, "credentials", async () => {
    const found = await world.resolveCloud(env);
    world.terminal.hide(found.secrets);
    return [found, found.source];
  });
  if (!credentials) return;
  const cloud = await check(findings, "cloud", async (): Promise<[Cloud, string]> => {
    const opened = await world.openCloud(credentials);
    const { user, project, projectId, region, authUrl } = opened.identity;
    return [opened, `${user} in project ${project} (${projectId}), region ${region || "none"}, at ${authUrl}`];
  });
  if (cloud) findings.push(skewFinding("clock against the cloud", cloud.clockSkewSeconds));
}

async function checkBucket(world: World, { config }: Loaded, findings: Finding[]): Promise<void> {
  const bucket = await world.openBucket(config.ceph_s3);
  const steps = probeBucket(bucket);
  for (const [operation, step] of Object.entries(steps)) {
    await check(findings, `bucket ${operation}`, async () => [await step(), `${bucket.name} at ${bucket.host}`]);
  }
  findings.push(skewFinding("clock against the store", bucket.clockSkewSeconds()));
}

function skewFinding(what: string, seconds: number): Finding {
  const ok = Math.abs(seconds) <= maxSkewSeconds;
  const detail = seconds === 0 ? "in step" : `${Math.abs(seconds)} s ${seconds > 0 ? "behind" : "ahead"}`;
  const problem = {
    slug: "clock-skew",
    message: `this machine's clock is ${detail}`,
    where: what,
    fix: "set this machine's clock: timedatectl set-ntp true",
  };
  return { what, ok, detail, problems: ok ? [] : [problem] };
}

function text(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ what }) => what.length));
  return findings
    .flatMap(({ what, ok, detail, problems }) => [
      `${ok ? "ok  " : "FAIL"} ${what.padEnd(width)}  ${detail}`,
      ...problems.map(({ fix }) => `     fix: ${fix}`),
    ])
    .join("\n");
}
