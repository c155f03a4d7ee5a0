/** Draining workers before `create` removes them, over nodes that answer as told and refuse every other question. */
import { describe, expect, test, vi } from "vitest";
import { knownHostsKey, removePins } from "../../src/cluster/known-hosts.ts";
import type { Draft } from "../../src/commands/draft.ts";
import { drainLeaving } from "../../src/commands/drain.ts";
import { followDrain, startDrain } from "../../src/commands/follow-drain.ts";
import type { Site } from "../../src/commands/site.ts";
import { takeBack } from "../../src/commands/take-back.ts";
import { Exit, failure } from "../../src/errors.ts";
import type { Change, NodesOptions, Progress, World } from "../../src/world.ts";
import { answeringNodes, type Answer } from "../support/answering-nodes.ts";
import { refusalOf, refusedWith } from "../support/errors.ts";
import { bucketOf } from "../support/memory-bucket.ts";
import { bundle, configOf, factsAfter, inputsOf, planOf, stateOf } from "../support/plans.ts";
import { bare, keyPair } from "../support/ssh-server.ts";

const says = (stdout: string | object, code = 0, stderr = ""): Answer => ({
  code,
  stdout: typeof stdout === "string" ? stdout : JSON.stringify(stdout),
  stderr,
});
const trouble = (slug: string) => failure(Exit.failed, slug, `${slug} it is`, "f", { where: "c1-master" });

function worldOf(more: Partial<World> = {}) {
  const told: Progress[] = [];
  const stages: Record<string, string[]> = {};
  const terminal = {
    report: (progress: Progress) => void told.push(progress),
    async stage<T>(name: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T> {
      stages[name] ??= [];
      return work((text) => stages[name]?.push(text));
    },
  };
  const interrupts = { listen: () => () => {}, exitCode: () => undefined };
  const warnings = () => told.flatMap((one) => (one.event === "warning" ? [one] : []));
  return { world: { terminal, interrupts, ...more } as unknown as World, stages, warnings };
}

let clock = 0;
const report = (state: string, words: Partial<Record<"hdfs" | "yarn" | "spark", string>>, safe = false) => ({
  version: 1,
  state,
  safe,
  detail: "",
  nodes: {
    "c1-worker-03": { hdfs: "decommissioned", yarn: "decommissioned", spark: "", ...words, left: Object.keys(words) },
  },
  updated: `2026-01-01T00:00:${String(clock++).padStart(2, "0")}Z`,
});
const cat = "c1-master: cat /var/lib/hailstack/drain.json";
const gone = says("", 1, "No such file");
const drained = () => says(report("drained", {}, true));

describe("followed", () => {
  const order = { master: "c1-master", hosts: ["c1-worker-03"], remaining: 2, minutes: 30 };
  async function follow(answers: readonly Answer[], more: Partial<World> = {}) {
    const { nodes } = answeringNodes({ [cat]: answers });
    const { world, stages, warnings } = worldOf(more);
    const done = followDrain(world, nodes, order, { sameFile: "--config c.toml", pollMs: 1 });
    await done.catch(() => {});
    return { done, details: stages["draining"], warnings };
  }

  test("it tells what each worker still has, also past a lost connection", async () => {
    const busy = says(report("draining", { hdfs: "12 blocks left", spark: "2 executors" }));
    const { done, details, warnings } = await follow([gone, busy, trouble("ssh-lost"), busy, says("{"), drained()]);
    await done;
    expect(details).toEqual(["0 of 1 empty; c1-worker-03: hdfs 12 blocks left, spark 2 executors", "1 of 1 empty"]);
    expect(warnings()).toEqual([]);
  });

  test("work that did not end in time is told, and the worker may go", async () => {
    const { done, warnings } = await follow([says(report("deadline", { spark: "1 executor" }, true))]);
    await done;
    expect(warnings().map(({ slug, where, message }) => [slug, where, message])).toEqual([
      [
        "drain-cut-off",
        "c1-worker-03",
        "c1-worker-03 still had work after 30 minutes (spark 1 executor); it is cut off, and its job does that part again elsewhere",
      ],
    ]);
  });

  test("what HDFS still needs in the end must stay", async () => {
    const { done } = await follow([says(report("deadline", { hdfs: "12 blocks left" }))]);
    const [exitCode, slug, message] = await refusedWith(done);
    expect([exitCode, slug]).toEqual([1, "drain-deadline"]);
    expect(message).toBe("c1-worker-03 is not empty after 30 minutes (hdfs 12 blocks left); nothing was removed");
  });

  test("files that are being written have another cure", async () => {
    const { done } = await follow([
      says(report("deadline", { hdfs: "1 block left, 1 of files that are being written" })),
    ]);
    expect((await refusalOf(done)).problems[0]?.fix).toContain("end the programs that write these files");
  });

  test("what does not pass is told at once", async () => {
    const { done } = await follow([trouble("ssh-host-key")]);
    expect(await refusedWith(done)).toEqual([1, "ssh-host-key", "ssh-host-key it is"]);
  });

  test("a signal ends it, and the master goes on", async () => {
    const stopped = vi.fn<() => void>();
    const interrupts = { listen: () => stopped, exitCode: () => Exit.interrupted };
    const { done } = await follow([says(report("draining", { hdfs: "x" }))], { interrupts });
    expect((await refusedWith(done)).slice(0, 2)).toEqual([130, "interrupted"]);
    expect(stopped).toHaveBeenCalledOnce();
  });

  test("a master that falls silent is given up", async () => {
    const { nodes } = answeringNodes({ [cat]: [says(report("draining", { hdfs: "x" }))] });
    const done = followDrain(worldOf().world, nodes, order, { sameFile: "", pollMs: 1, silenceMs: 20 });
    expect((await refusedWith(done)).slice(0, 2)).toEqual([1, "drain-silent"]);
  });
});

test("the master is told who leaves, how many copies remain possible, and for how long", async () => {
  const command =
    "c1-master: sudo -n /usr/libexec/hailstack/drain --start --replication 2 --deadline 90 c1-worker-03 c1-worker-04";
  const { nodes } = answeringNodes({ [command]: [says(""), says("", 1, "no unit\n")] });
  const order = { master: "c1-master", hosts: ["c1-worker-03", "c1-worker-04"], remaining: 2, minutes: 1.5 };
  await startDrain(nodes, order);
  expect(await refusedWith(startDrain(nodes, order))).toEqual([
    1,
    "drain-not-started",
    "the workers cannot be drained: no unit",
  ]);
});

describe("before workers go", () => {
  const before = planOf({ "cluster.num_workers": 3 });
  const after = { "cluster.num_workers": 2 };
  const key = bare(keyPair().public);
  const changes: Change[] = ["Port", "Instance"].map((kind) => ({
    operation: "delete",
    name: kind === "Port" ? "c1-worker-port-03" : "c1-worker-03",
    type: `openstack:x/y:${kind}`,
    urn: "urn",
    properties: [],
  }));
  const sh = "test -x /usr/libexec/hailstack/apply || exit 78; exec sudo -n /usr/libexec/hailstack/apply";
  const apply = `c1-master: sh -c ${sh}`;
  const start = "c1-master: sudo -n /usr/libexec/hailstack/drain --start --replication 2 --deadline 1800 c1-worker-03";
  const good = {
    "c1-master: true": [says("")],
    [apply]: [says({ written: ["/etc/hadoop/conf/dfs.exclude"], restarted: [], reloaded: [] })],
    [start]: [says("")],
    [cat]: [drained()],
  };

  function scene({
    answers = good as Record<string, readonly Answer[]>,
    wait = true,
    draft = {} as Partial<Draft>,
  } = {}) {
    const state = stateOf(before);
    const opened: NodesOptions[] = [];
    const fake = answeringNodes(answers);
    const openNodes = async (options: NodesOptions) => {
      opened.push(options);
      return fake.nodes;
    };
    const { world, warnings } = worldOf({ openNodes });
    const bucket = bucketOf({ [knownHostsKey("c1")]: `c1-master-id ${key}\n` });
    const loaded = { config: configOf(after), env: {}, bundle };
    const site = {
      cluster: "c1",
      state,
      bucket,
      cloud: { consoleLog: async () => undefined },
      loaded,
    } as unknown as Site;
    const inputs = inputsOf(after);
    const whole = { plan: inputs.plan, inputs, facts: factsAfter(before), missing: [], unfinished: [], ...draft };
    const options = { wait, drainTimeout: 30, config: "c.toml" };
    const run = (which = changes) => drainLeaving(world, site, whole as unknown as Draft, which, options);
    return { run, opened, warnings, ...fake };
  }

  test("the master alone is reached, gets its files as they are but for who leaves, and drains", async () => {
    const { run, opened, asked, sent, close, warnings } = scene();
    await run();

    expect(opened.map(({ master, workers }) => [master.name, workers])).toEqual([["c1-master", []]]);
    expect(asked).toEqual(["c1-master: true", apply, start, cat]);
    const files: { path: string; content: string }[] = JSON.parse(sent[0] ?? "{}").files;
    const text = (path: string) => files.find((file) => file.path === path)?.content ?? "";
    expect(text("/etc/hadoop/conf/dfs.exclude")).toMatch(/^c1-worker-03$/m);
    expect(text("/etc/hadoop/conf/dfs.hosts")).toMatch(/^c1-worker-03$/m);
    expect(text("/etc/hosts")).toContain("10.99.0.13 c1-worker-03 worker-03");
    expect(JSON.parse(text("/etc/hailstack/cluster.json"))).toMatchObject({ workers: 3, replication: 3 });
    expect(text("/etc/hailstack/public-address")).toBe("172.24.4.101\n");
    expect([close.mock.calls.length, warnings()]).toEqual([1, []]);
  });

  test.for([
    ["nobody goes", changes.slice(0, 1), {}],
    ["it is gone already", changes, { missing: [{ name: "c1-worker-03" }] }],
    ["it never came up", changes, { unfinished: [{ name: "c1-worker-03" }] }],
    ["it never was part of the cluster", changes.map((one) => ({ ...one, name: "c1-worker-04" })), {}],
  ] as const)("when %s, nobody is reached", async ([, which, draft]) => {
    const { run, opened, warnings } = scene({ draft: draft as unknown as Partial<Draft> });
    await run([...which]);
    expect([opened, warnings()]).toEqual([[], []]);
  });

  test("with --no-wait nobody is reached, and what is lost is told", async () => {
    const { run, opened, warnings } = scene({ wait: false });
    await run();
    expect(opened).toEqual([]);
    expect(warnings().map(({ slug, message }) => [slug, message])).toEqual([
      [
        "not-drained",
        "c1-worker-03 goes without being drained: blocks of HDFS that it alone has are lost, and work on it is cut off",
      ],
    ]);
  });

  test.for([
    ["cannot be reached", { "c1-master: true": [trouble("ssh-host-key")] }, "ssh-host-key"],
    ["does not take its files", { [apply]: [says("", 1, "no room")] }, "hand-over-failed"],
    ["cannot start", { [start]: [says("", 1, "no")] }, "drain-not-started"],
  ] as const)("when the master %s, nothing is removed, and what to do is told", async ([, answers, slug]) => {
    const { run, close } = scene({ answers: { ...good, ...answers } });
    const { exitCode, problems } = await refusalOf(run());
    expect([exitCode, problems.map((one) => one.slug)]).toEqual([1, [slug, "drain-impossible"]]);
    expect(problems.at(-1)?.fix).toContain("--yes --no-wait");
    expect(close).toHaveBeenCalledOnce();
  });
});

describe("workers that stay after all", () => {
  const plan = planOf({ "cluster.num_workers": 3 });
  const stop = "c1-master: sudo -n systemctl stop hailstack-drain.service";
  const again = "c1-worker-03: sudo -n systemctl try-restart spark-worker.service";
  const forget = "c1-master: sudo -n rm -f /var/lib/hailstack/drain.json";

  test("are given back to Spark, once", async () => {
    const { nodes, asked } = answeringNodes({
      [cat]: [says(report("deadline", { hdfs: "1 block left" })), gone],
      [stop]: [says("", 5)],
      [again]: [says("")],
      [forget]: [says("")],
    });
    await takeBack(nodes, plan);
    await takeBack(nodes, plan);
    expect(asked).toEqual([cat, stop, again, forget, cat]);
  });

  test("are told when they cannot be", async () => {
    const answers = { [cat]: [drained()], [stop]: [says("")], [again]: [says("", 1, "failed\n")] };
    const { nodes } = answeringNodes(answers);
    expect(await refusedWith(takeBack(nodes, plan))).toEqual([
      1,
      "take-back-failed",
      "systemctl try-restart spark-worker.service: failed",
    ]);
  });

  test("are none when those that were drained are gone", async () => {
    const { nodes, asked } = answeringNodes({ [cat]: [drained()], [stop]: [says("", 5)], [forget]: [says("")] });
    await takeBack(nodes, planOf({ "cluster.num_workers": 2 }));
    expect(asked).toEqual([cat, stop, forget]);
  });
});

test("host keys of servers that are gone go too, and those of others stay", async () => {
  const key = bare(keyPair().public);
  const bucket = bucketOf({ [knownHostsKey("c1")]: `a ${key}\nb ${key}\nb ${key}\n` });
  await removePins(bucket, "c1", ["b", "never"]);
  expect(bucket.text(knownHostsKey("c1"))).toBe(`a ${key}\n`);
  const writes = bucket.requests.length;
  await removePins(bucket, "c1", ["b"]);
  expect(bucket.requests.slice(writes)).toEqual([`get ${knownHostsKey("c1")}`]);
});
