/** `hailstack doctor`: every thing a cluster command needs, tried one by one, each failing line with its fix. */
import { Command } from "commander";
import { probeBucket } from "../cluster/probe.ts";
import type { Loaded } from "../config/load.ts";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { Cloud, Env, Tool, World } from "../world.ts";
import { findCredentials } from "./credentials.ts";
import { openConfig, openEnvironment, type ConfigOptions } from "./open-config.ts";

type DoctorOptions = { config?: string; dotenv?: string; json?: true };
type Finding = {
  what: string;
  ok: boolean;
  detail: string;
  problems: readonly Problem[];
  /** Of a program: where it is, and how that place was found. */
  tool?: Pick<Tool, "path" | "version" | "source">;
  /** Of a program that only this command needs: everything else works without it. */
  needed_by?: string;
};

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
  const loaded = await checkConfig(world, options, findings);
  const env = loaded?.env ?? (await checkEnvironment(world, options, findings)) ?? world.env;
  findings.push(...(await world.findTools()).map(toolFinding));
  await checkCloud(world, env, findings);
  if (loaded) await checkBucket(world, loaded, findings);
  const healthy = findings.every(({ ok, needed_by }) => ok || needed_by !== undefined);
  world.terminal.print(options.json ? JSON.stringify({ healthy, findings }) : text(findings));
  if (!healthy) world.setExitCode(Exit.failed);
}

function toolFinding({ name, path, version, source, neededBy, problem }: Tool): Finding {
  const found = { ...(path ? { path } : {}), ...(version ? { version } : {}), ...(source ? { source } : {}) };
  return {
    what: `tool ${name}`,
    ok: !problem,
    detail: problem?.message ?? `${version} (${path}, by ${source})`,
    problems: problem ? [problem] : [],
    tool: found,
    ...(neededBy ? { needed_by: neededBy } : {}),
  };
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

/** A line of its own only where a file is named and no config, whose line tells of it too. */
async function checkEnvironment(
  world: World,
  { config, dotenv }: DoctorOptions,
  findings: Finding[],
): Promise<Env | undefined> {
  const told = config === undefined && dotenv !== undefined ? findings : [];
  return check(told, ".env file", async () => [await openEnvironment(world, dotenv), dotenv ?? ""]);
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
    const found = await findCredentials(world, env);
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
  // Only its failing is worth a line: nothing has been asked of the store yet.
  const opening: Finding[] = [];
  const bucket = await check(opening, "bucket", async () => [await world.openBucket(config.ceph_s3), ""]);
  if (!bucket) return void findings.push(...opening);
  const steps = probeBucket(bucket);
  for (const [operation, step] of Object.entries(steps)) {
    await check(findings, `bucket ${operation}`, async () => [await step(), `${bucket.name} at ${bucket.host}`]);
  }
  const skew = bucket.clockSkewSeconds();
  if (skew !== undefined) findings.push(skewFinding("clock against the store", skew));
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
    .flatMap(({ what, ok, detail, needed_by: neededBy, problems }) => [
      `${signOf(ok, neededBy)} ${what.padEnd(width)}  ${detail}${!ok && neededBy ? ` (only ${neededBy} needs it)` : ""}`,
      ...problems.map(({ fix }) => `     fix: ${fix}`),
    ])
    .join("\n");
}

const signOf = (ok: boolean, neededBy: string | undefined) => (ok ? "ok  " : neededBy ? "note" : "FAIL");
