/** Following a cluster, over nodes that answer as told and refuse every other question. */
import { expect, test } from "vitest";
import { deadlineIn } from "../../src/commands/deadline.ts";
import { askAnew, askUnlessKnown, followReady } from "../../src/commands/follow-ready.ts";
import { Exit, failure, HailstackError } from "../../src/errors.ts";
import type { Progress, World } from "../../src/world.ts";
import { answeringNodes, type Answer } from "../support/answering-nodes.ts";
import { readiness, stageOf } from "../support/readiness.ts";

const target = { cluster: "c1", names: ["c1-master", "c1-worker-01"] as const, sameFile: "--config c.toml" };

const says = (report: object): Answer => ({ code: 0, stdout: JSON.stringify(report), stderr: "" });
const missing: Answer = { code: 1, stdout: "", stderr: "No such file" };
const trouble = (slug: string): HailstackError =>
  failure(Exit.failed, slug, `${slug} it is`, "f", { where: "c1-master" });

function worldOf(): { world: World; told: Progress[]; stage: { name?: string; detail?: string } } {
  const told: Progress[] = [];
  const stage: { name?: string; detail?: string } = {};
  const terminal = {
    report: (progress: Progress) => void told.push(progress),
    stage: async <T>(name: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T> => {
      stage.name = name;
      return work((detail) => (stage.detail = detail));
    },
  };
  const asset = async (path: string) => `the program ${path}`;
  return { world: { terminal, asset } as unknown as World, told, stage };
}

async function follow(
  answers: Readonly<Record<string, readonly Answer[]>>,
  options: Partial<Parameters<typeof followReady>[3]> = {},
) {
  const { world, told, stage } = worldOf();
  const { nodes, asked } = answeringNodes(answers);
  const ended = await followReady(world, nodes, target, { deadline: deadlineIn(600_000), pollMs: 1, ...options }).then(
    (report) => ({ report }),
    (error: unknown) => ({ report: undefined, error }),
  );
  if ("error" in ended && !(ended.error instanceof HailstackError)) throw ended.error;
  const problems = "error" in ended && ended.error instanceof HailstackError ? ended.error.problems : [];
  return { ...ended, problems, told, stage, asked };
}

/** For what waits until there is no more time. */
const soonOver = () => ({ deadline: deadlineIn(60) });
const file = "c1-master: cat /run/hailstack/ready.json";
const report = (node: string) => `${node}: sudo /usr/libexec/hailstack/report`;
const waiting = readiness({
  stages: [
    stageOf("hdfs", { state: "waiting", detail: "0 of 1", nodes: { "c1-worker-01": "datanode not registered" } }),
  ],
});
const job = { state: "passed" as const, seconds: 38.2, hosts: ["c1-worker-01"], detail: "on 1 workers" };
const ready = readiness({ state: "ready", stages: [stageOf("hdfs", { detail: "1 of 1" })], job });
const quiet: Answer = { code: 0, stdout: '{"boot":{"stages":[]},"units":[]}', stderr: "" };

test("it is followed from before its first word until it is ready", async () => {
  const { report: last, told, stage } = await follow({ [file]: [missing, says(waiting), says(waiting), says(ready)] });

  expect(last?.state).toBe("ready");
  expect(stage).toEqual({ name: "forming", detail: "Hail job ran on 1 workers in 38.2 s" });
  expect(told.map((one) => (one.event === "stage" ? `${one.stage} ${one.state}` : one.event))).toEqual([
    "hdfs started",
    "note",
    "hdfs done",
    "Hail job done",
  ]);
});

test("a master that reboots meanwhile is waited for", async () => {
  const away = [trouble("ssh-lost"), trouble("ssh-refused"), trouble("ssh-timeout"), trouble("ssh-command-time")];
  const { report: last } = await follow({ [file]: [says(waiting), ...away, says(ready)] });
  expect(last?.state).toBe("ready");
});

test.for(["ssh-auth", "ssh-host-key"])("%s does not pass, and is told at once", async (slug) => {
  const { problems, asked } = await follow({ [file]: [trouble(slug)] });
  expect(problems.map((one) => one.slug)).toEqual([slug]);
  expect(asked).toEqual([file]);
});

test("what failed is told at once: node, stage, reason, the node's own words, the next command", async () => {
  const failed = readiness({
    state: "failed",
    stages: [stageOf("hdfs", { state: "failed", nodes: { "c1-worker-01": "datanode not registered" }, look: "l" })],
  });
  const sick = { boot: { stages: [{ stage: "users", state: "failed", message: "useradd: 6" }] } };
  const { problems } = await follow({ [file]: [says(failed)], [report("c1-worker-01")]: [says(sick)] });

  expect(problems).toEqual([
    {
      slug: "not-ready-hdfs",
      message: "hdfs: datanode not registered (first boot: users is failed)",
      where: "c1-worker-01",
      excerpt: ["useradd: 6"],
      fix: "look: hailstack ssh c1-worker-01 --config c.toml -- l",
    },
  ]);
});

const journal = (node: string, unit: string) =>
  `${node}: sudo -n /usr/bin/python3 -B - 65536 journalctl --unit=${unit}.service --lines=20 --output=cat --no-pager`;

test("when time is up, what it still waits for is told, and open stages are ended", async () => {
  const { problems, told } = await follow(
    {
      [file]: [says(waiting)],
      [report("c1-worker-01")]: [quiet],
      // Of a daemon that runs, and does not find its master.
      [journal("c1-worker-01", "hdfs-datanode")]: [{ code: 0, stdout: "starting\nRetrying connect\n", stderr: "" }],
    },
    soonOver(),
  );

  expect(problems.map(({ slug, where }) => `${slug} ${where}`)).toEqual([
    "ready-deadline c1-master",
    "not-ready-hdfs c1-worker-01",
  ]);
  expect(problems[0]?.fix).toBe("ask again: hailstack ready --config c.toml");
  expect(problems[1]?.excerpt).toEqual(["starting", "Retrying connect"]);
  expect(told.at(-1)).toMatchObject({ event: "stage", stage: "hdfs", state: "failed" });
});

test("of what the master itself waits for, its daemon's last lines are told", async () => {
  const unit = "journalctl -u hdfs-namenode -n 50";
  const safe = stageOf("hdfs", { state: "waiting", detail: "HDFS is in safe mode", nodes: {}, look: unit });
  const later = stageOf("hdfs-write", { state: "waiting", detail: "after hdfs", nodes: {}, look: unit });
  const { problems } = await follow(
    {
      [file]: [says(readiness({ state: "forming", stages: [safe, later] }))],
      [journal("c1-master", "hdfs-namenode")]: [{ code: 0, stdout: "STATE* Safe mode ON\n", stderr: "" }],
    },
    soonOver(),
  );
  expect(problems.map(({ slug, excerpt }) => [slug, excerpt])).toEqual([
    ["ready-deadline", undefined],
    ["not-ready-hdfs", ["STATE* Safe mode ON"]],
  ]);
});

test("of a node that nobody gets into, the console's last lines are told", async () => {
  const consoleOf = async (node: string) => `${"x\n".repeat(50)}kernel panic on ${node}\n`;
  const { problems } = await follow(
    { [file]: [says(waiting)], [report("c1-worker-01")]: [trouble("ssh-timeout")] },
    { consoleOf, ...soonOver() },
  );

  expect(problems[1]?.message).toBe("hdfs: datanode not registered (nobody gets in: ssh-timeout it is)");
  expect(problems[1]?.excerpt).toHaveLength(20);
  expect(problems[1]?.excerpt?.at(-1)).toBe("kernel panic on c1-worker-01");
});

test("a master that is not reached to the end is told with why, and its console", async () => {
  const { problems } = await follow(
    { [file]: [trouble("ssh-refused")], [report("c1-master")]: [trouble("ssh-refused")] },
    { consoleOf: async () => "cloud-init failed\n", ...soonOver() },
  );
  expect(problems.map(({ slug }) => slug)).toEqual(["ready-deadline", "ssh-refused"]);
  expect(problems[1]?.excerpt).toEqual(["cloud-init failed"]);
});

test("a master that never begins is told with how its boot is", async () => {
  const sick = { boot: { stages: [{ stage: "settings", state: "failed", message: "no room" }] } };
  const { problems } = await follow({ [file]: [missing], [report("c1-master")]: [says(sick)] }, soonOver());
  expect(problems[1]).toMatchObject({
    slug: "not-ready-boot",
    message: "boot: the master has not begun to look at the cluster (first boot: settings is failed)",
    excerpt: ["no room"],
  });
});

test("a hostile answer is refused, not waited for", async () => {
  const { problems } = await follow({ [file]: [{ code: 0, stdout: '{"version":1', stderr: "" }] });
  expect(problems.map(({ slug }) => slug)).toEqual(["ready-unreadable"]);
});

test("a master that gave up between two good rounds is told as one that was too late", async () => {
  const { problems } = await follow({ [file]: [says(readiness({ state: "failed", stages: [stageOf("hdfs")] }))] });
  expect(problems.map(({ slug }) => slug)).toEqual(["ready-deadline"]);
});

const done: Answer = { code: 0, stdout: "", stderr: "" };
const restart = "c1-master: sudo systemctl restart hailstack-ready.service";
const patience = "c1-master: sudo /usr/libexec/hailstack/ready --patience 596 1.5";
const patient = { left: () => 600_000, stretch: 1.5 };

test("asking anew tells how long there is, restarts the unit, and says so when the image has none", async () => {
  const { nodes, asked } = answeringNodes({
    [restart]: [done, { code: 5, stdout: "", stderr: "not found" }],
    [patience]: [done],
  });
  await askAnew(nodes, "c1-master", patient);
  expect(asked).toEqual([patience, restart]);
  await expect(askAnew(nodes, "c1-master", patient)).rejects.toMatchObject({
    problems: [{ slug: "ready-not-started", message: "hailstack-ready.service cannot be started: not found" }],
  });
});

test("less time than usual leaves the stages theirs, and even none is a second", async () => {
  const least = "c1-master: sudo /usr/libexec/hailstack/ready --patience 1 1";
  const { nodes, asked } = answeringNodes({ [restart]: [done], [least]: [done] });
  await askAnew(nodes, "c1-master", { left: () => 0, stretch: 0.01 });
  expect(asked).toEqual([least, restart]);
});

const round = "c1-master: sudo /usr/libexec/hailstack/ready --round";
const sub = "c1-master: systemctl show --property=SubState --value hailstack-ready.service";
const no: Answer = { code: 1, stdout: "{}", stderr: "" };
const state = (stdout: string): Answer => ({ code: 0, stdout, stderr: "" });

test.for<{ what: string; answers: Record<string, readonly Answer[]>; asks: string[] }>([
  {
    what: "ready, and passes a round still",
    answers: { [file]: [says(ready)], [round]: [done] },
    asks: [file, round, patience],
  },
  {
    what: "ready once, and does not pass a round now",
    answers: { [file]: [says(ready)], [round]: [no] },
    asks: [file, round, patience, restart],
  },
  {
    what: "being asked",
    answers: { [file]: [says(waiting)], [sub]: [state("running\n")] },
    asks: [file, sub, patience],
  },
  {
    what: "not asked to the end",
    answers: { [file]: [says(waiting)], [sub]: [state("exited\n")] },
    asks: [file, sub, patience, restart],
  },
  {
    what: "failed, which may have been mended",
    answers: { [file]: [says(readiness({ state: "failed" }))] },
    asks: [file, patience, restart],
  },
  { what: "silent", answers: { [file]: [missing] }, asks: [file, patience, restart] },
  {
    what: "telling what cannot be read",
    answers: { [file]: [state('{"version":1')] },
    asks: [file, patience, restart],
  },
])("a cluster that got nothing new is asked anew where it must be: $what", async ({ answers, asks }) => {
  const { nodes, asked } = answeringNodes({ [patience]: [done], [restart]: [done], ...answers });
  await askUnlessKnown(nodes, "c1-master", "c1", patient);
  expect(asked).toEqual(asks);
});
