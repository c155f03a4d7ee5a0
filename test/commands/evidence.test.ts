/** `ready`, `logs` and `diagnose` over nodes that answer as told, and refuse what they were not to be asked. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { ensureGenerated } from "../../src/cluster/generated.ts";
import { checkpointKey } from "../../src/cluster/store.ts";
import { units } from "../../src/cluster/units.ts";
import { Exit, failure, HailstackError } from "../../src/errors.ts";
import { readTree } from "../../src/host/read-tree.ts";
import { runProgram } from "../../src/program.ts";
import { openTerminal } from "../../src/terminal/terminal.ts";
import type { NodeAnswer, NodesOptions, World } from "../../src/world.ts";
import { leaks } from "../support/canaries.ts";
import { checkout } from "../support/checkout.ts";
import { checkpointOf } from "../support/checkpoint.ts";
import { bucketOf } from "../support/memory-bucket.ts";
import { planOf, publicKey, stateOf } from "../support/plans.ts";
import { readiness, stageOf } from "../support/readiness.ts";

const plan = planOf({ "cluster.num_workers": 2 });
const keys = plan.nodes.map(({ name }) => `${name}-id ${publicKey}\n`).join("");
const secrets = {
  web: "canary-web-password",
  volume: "canary-volume-password",
  access: "canary-state-access",
  secret: "canary-state-secret",
  passphrase: "canary-passphrase",
};
const config = `
[cluster]
name = "c1"
bundle = "hail-0.2.137-gnomad-3.0.4-r2"
num_workers = 2
master_flavour = "m2.medium"
worker_flavour = "m2.small"
[ceph_s3]
endpoint = "http://s3.example"
bucket = "state"
access_key = "${secrets.access}"
secret_key = "${secrets.secret}"
[ssh_keys]
public_keys = ["${publicKey}"]
`;

type Asked = { node: string; command: readonly string[]; stdin: string };
type Answer = (asked: Asked, canaries: readonly string[]) => string | NodeAnswer | Error;
const well = (stdout: string): NodeAnswer => ({ code: 0, stdout, stderr: "" });

/** One command line, in a world whose nodes answer with `answer`. */
async function hailstack(args: readonly string[], answer: Answer) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = openTerminal({ stdin: new PassThrough(), stdout, stderr, env: {} });
  const bucket = bucketOf({
    [checkpointKey("c1")]: checkpointOf(plan, stateOf(plan).outputs),
    "hailstack/c1/known_hosts": keys,
  });
  const { spark_secret, netdata_key } = await ensureGenerated(bucket, "c1", secrets.passphrase);
  const canaries = [...Object.values(secrets), spark_secret, netdata_key];
  const [asked, opened, ssh]: [Asked[], NodesOptions[], (readonly string[])[]] = [[], [], []];
  const written: { path: string; content: Uint8Array; mode: number }[] = [];
  let [exitCode, closed] = [0, 0];
  const world = {
    terminal,
    env: {
      HAILSTACK_WEB_PASSWORD: secrets.web,
      HAILSTACK_VOLUME_PASSWORD: secrets.volume,
      HAILSTACK_STATE_PASSPHRASE: secrets.passphrase,
    },
    useEnv: () => {},
    files: {
      readText: async () => config,
      readTextIfThere: async () => undefined,
      mode: async () => 0o600,
      writeAtomic: async (path: string, content: Uint8Array, mode: number) =>
        void written.push({ path, content, mode }),
    },
    now: () => new Date("2026-01-02T03:04:05Z"),
    stateFile: async (name: string) => `/state/${name}`,
    setExitCode: (code: number) => (exitCode = code),
    exitCode: () => exitCode,
    asset: async (name: string) => readFileSync(join(checkout, name), "utf8"),
    assetTree: async (folder: string) => readTree(join(checkout, folder)),
    resolveCloud: async () => ({ source: "test", secrets: [], warnings: [] }),
    openBucket: async () => bucket,
    openCloud: async () => ({
      identity: { projectId: "p1", project: "p", user: "u", region: "" },
      servers: async () => [],
      floatingIps: async () => [],
      consoleLog: async (id: string) => `console of ${id}, ${secrets.web}`,
    }),
    async openNodes(options: NodesOptions) {
      opened.push(options);
      return {
        async run(node: string, command: readonly string[], { stdin = "", timeoutMs = 0 } = {}) {
          if (timeoutMs === 0) throw new Error(`${command.join(" ")} may take for ever`);
          asked.push({ node, command, stdin });
          const said = answer({ node, command, stdin }, canaries);
          if (said instanceof Error) throw said;
          return typeof said === "string" ? well(said) : said;
        },
        close: async () => void (closed += 1),
      };
    },
    runSsh: async (line: readonly string[]) => (ssh.push(line), 0),
  } as unknown as World;
  const code = await runProgram(world, args, async (error) => {
    if (error instanceof HailstackError) return error;
    throw error;
  });
  expect(closed).toBe(opened.length);
  const told = { stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
  expect(leaks(told.stdout + told.stderr, canaries)).toEqual([]);
  return { code, ...told, asked, opened, ssh, written, canaries };
}

const line = ({ node, command }: Asked): string => `${node}: ${command.join(" ")}`;
const passed = {
  state: "passed" as const,
  seconds: 38.2,
  hosts: ["c1-worker-01", "c1-worker-02"],
  detail: "on 2 workers",
};

const bootedWell = JSON.stringify({ units: [], boot: { state: "done", stages: [] } });

/** A master that says this of its cluster, and workers that say the same of themselves. */
const saying =
  (report: object, worker: string): Answer =>
  (asked) => {
    switch (line(asked).replace(/ --patience \d+ 1$/, " --patience")) {
      case "c1-master: true":
      case "c1-master: sudo /usr/libexec/hailstack/ready --patience":
      case "c1-master: sudo systemctl restart hailstack-ready.service":
        return "";
      case "c1-master: cat /run/hailstack/ready.json":
        return JSON.stringify(report);
      case "c1-worker-01: sudo /usr/libexec/hailstack/report":
      case "c1-worker-02: sudo /usr/libexec/hailstack/report":
        return worker;
      case "c1-worker-02: sudo -n /usr/bin/python3 -B - 65536 journalctl --unit=hdfs-datanode.service --lines=20 --output=cat --no-pager":
        return `${secrets.volume}: port in use\n`;
      default:
        return new Error(`nobody was to ask ${line(asked)}`);
    }
  };

test("ready asks the master, then how the workers have booted, and shows stages and workers", async () => {
  const report = readiness({
    state: "ready",
    stages: [stageOf("hdfs", { detail: "2 of 2", seconds: 3 })],
    job: passed,
  });
  const run = await hailstack(["ready"], saying(report, bootedWell));
  expect(run.code).toBe(0);
  expect(run.asked.filter(({ node }) => node !== "c1-master").map(line)).toEqual([
    "c1-worker-01: sudo /usr/libexec/hailstack/report",
    "c1-worker-02: sudo /usr/libexec/hailstack/report",
  ]);
  expect(run.stdout).toMatch(
    /^STAGE +STATE +TIME +DETAIL\nhdfs +passed +3\.0s +2 of 2\nHail job +passed +38\.2s +on 2/,
  );
  expect(run.stdout).toMatch(/WORKER +HAIL JOB\nc1-worker-01 +ran tasks\nc1-worker-02 +ran tasks\n$/);
});

const sick = readiness({
  state: "failed",
  stages: [stageOf("hdfs", { state: "failed", nodes: { "c1-worker-02": "datanode not registered" } })],
});

test("a cluster that is not ready ends with 1, what is known of it, and the node's own words", async () => {
  const run = await hailstack(
    ["ready"],
    saying(sick, '{"units":[{"unit":"hdfs-datanode","state":"failed"}],"boot":{}}'),
  );
  expect(run.code).toBe(1);
  expect(run.stdout).toContain("c1-worker-02: datanode not registered");
  expect(run.stderr).toContain("error[not-ready-hdfs]: hdfs: datanode not registered (hdfs-datanode is failed)");
  expect(run.stderr).toContain("***: port in use");
});

test("with --json there is one result, with the document, also when it is not ready", async () => {
  const run = await hailstack(["ready", "--json"], saying(sick, "{}"));
  const results = run.stdout
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text))
    .filter(({ event }) => event === "result");
  expect(results).toMatchObject([
    { ready: false, error: ["not-ready-hdfs"], exit_code: 1, readiness: { state: "failed" } },
  ]);
});

/** The command that the program on stdin is to run. */
const within = ({ command }: Asked): string => command.slice(6).join(" ");

test("logs of a node are its units' and its boot log, without control characters", async () => {
  const run = await hailstack(["logs", "2", "--since", "10 min ago", "--lines", "7"], (asked) =>
    within(asked).startsWith("journalctl")
      ? `\u001B]0;x\u0007joined ${secrets.web}\n`
      : within(asked)
        ? "booted\n"
        : "",
  );
  expect(run.code).toBe(0);
  expect(run.stdout).toBe(
    "==> /var/log/hailstack/boot.log <==\nbooted\n\n==> journal of c1-worker-02 <==\njoined ***\n",
  );
  const [journal = "", boot] = run.asked.filter(({ stdin }) => stdin.includes("masking")).map(within);
  expect(journal).toMatch(/^journalctl .*--lines=7 --since=10 min ago .*--unit=spark-worker\.service/);
  expect(journal).not.toContain("namenode");
  expect(boot).toBe("tail --lines=7 /var/log/hailstack/boot.log");
});

test.for([
  ["worker-01", "hdfs-namenode", "c1-worker-01 has no unit 'hdfs-namenode'"],
  ["master", "spark-mster", "did you mean spark-master?"],
  ["master", "--unit=sshd", "unknown option '--unit=sshd'"],
])("logs %s %s is refused before a node is asked", async ([node = "", unit = "", says]) => {
  const run = await hailstack(["logs", node, unit], () => new Error("nobody was to be asked"));
  expect([run.code, run.opened]).toEqual([2, []]);
  expect(run.stderr).toContain(says);
});

test("what journald does not understand is told in its own words", async () => {
  const refusal = { code: 1, stdout: "Failed to parse timestamp: soon\n", stderr: "" };
  const run = await hailstack(["logs", "master", "nginx", "--since", "soon"], (asked) =>
    within(asked) ? refusal : "",
  );
  expect(run.code).toBe(1);
  expect(run.stderr).toContain("Failed to parse timestamp: soon");
});

test("--follow is this machine's ssh, with every word quoted for the node's shell", async () => {
  const run = await hailstack(["logs", "1", "yarn-nm", "--follow", "--since", "1'; rm -rf /"], () => new Error("no"));
  expect(run.ssh).toHaveLength(1);
  expect(run.ssh[0]?.slice(2, 4)).toEqual(["--", "c1-worker-01"]);
  expect(run.ssh[0]?.[4]).toContain(String.raw`'--since=1'\''; rm -rf /'`);
});

function unpack(content: Uint8Array): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-archive-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  execFileSync("tar", ["xzf", "-", "-C", folder], { input: content });
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]));
}

test("diagnose packs what every node tells, and no secret that one tells", async () => {
  const away = failure(Exit.failed, "ssh-timeout", "c1-worker-02 does not answer", "wait", { where: "c1-worker-02" });
  const run = await hailstack(["diagnose", "--output", "/out/d.tar.gz"], (asked, canaries) => {
    if (asked.node === "c1-worker-02") return away;
    if (asked.command[0] === "true") return "";
    return `${within(asked)} of ${asked.node}: ${canaries.join(" ")}\n`;
  });
  const [file] = run.written;

  expect([run.code, run.stdout, file?.path, file?.mode]).toEqual([0, "/out/d.tar.gz\n", "/out/d.tar.gz", 0o600]);
  const files = unpack(file?.content ?? new Uint8Array());
  const below = "c1-20260102T030405Z";
  expect(Object.keys(files).every((path) => path.startsWith(`${below}/`))).toBe(true);
  expect(leaks(Object.values(files).join("\n"), run.canaries)).toEqual([]);
  for (const [node, role] of [
    ["c1-master", "master"],
    ["c1-worker-01", "worker"],
  ] as const) {
    for (const unit of units[role]) expect(files[`${below}/nodes/${node}/journal/${unit}.log`]).toContain(`of ${node}`);
    expect(files[`${below}/nodes/${node}/files/etc/hosts`]).toBe(
      `cat /etc/hosts of ${node}: *** *** *** *** *** *** ***\n`,
    );
  }
  expect(files[`${below}/nodes/c1-worker-02/console.log`]).toBe("console of c1-worker-02-id, ***");
  expect(files[`${below}/nodes/c1-worker-02/unreached.txt`]).toBe("c1-worker-02 does not answer\n");
  expect(run.stderr).toContain("warning[ssh-timeout]: c1-worker-02 does not answer");
  expect(JSON.parse(files[`${below}/versions.json`] ?? "")).toMatchObject({ bundle: plan.bundle_id });
  const read = run.asked.map(within).join("\n");
  expect(read).not.toMatch(
    /cat \S*(?:s3a\.xml|stream\.conf|volume\.key|htpasswd|spark-defaults|session\.conf|own\.key|jupyter_server)/,
  );
});

/** The program that nodes get on stdin, with the node's own masking as the image has it. */
function masked(bytes: number, ...command: string[]) {
  const env = { ...process.env, PYTHONPATH: join(checkout, "packer/files/services/usr/libexec/hailstack") };
  const input = readFileSync(join(checkout, "over-ssh/masked.py"));
  return spawnSync("/usr/bin/python3", ["-B", "-", String(bytes), ...command], { env, input, encoding: "utf8" });
}

test("a node takes its secrets out itself, and tells no half of a line", () => {
  const { status, stdout } = masked(
    40,
    "sh",
    "-c",
    "echo first password=hunter22; echo token: abcdefgh >&2; echo last; exit 3",
  );
  expect([status, stdout]).toEqual([3, "token: ***\nlast\n"]);
});

test("a program that the node has not is told", () => {
  const { status, stdout } = masked(1000, "no-such-program");
  expect([status, stdout]).toEqual([127, "no-such-program: No such file or directory\n"]);
});

test("every service that the image brings can be looked at", async () => {
  const shipped = Object.keys(await readTree(join(checkout, "packer/files"))).flatMap(
    (path) => /\/systemd\/system\/([^/]+)\.service$/.exec(path)?.[1] ?? [],
  );
  expect(shipped.length).toBeGreaterThan(10);
  expect(shipped.filter((unit) => !units.master.includes(unit) && !units.worker.includes(unit))).toEqual([]);
});
