import { describe, expect, test } from "vitest";
import { wordsOfReport } from "../../src/cluster/node-report.ts";
import { lackingNodes, readinessProblems } from "../../src/cluster/readiness-problems.ts";
import { nameSome, openReadinessProgress } from "../../src/cluster/readiness-progress.ts";
import { parseReadiness } from "../../src/cluster/readiness.ts";
import { hostLabel } from "../../src/config/host-label.ts";
import { HailstackError } from "../../src/errors.ts";
import { readiness, stageOf } from "../support/readiness.ts";

const names = ["c1-master", "c1-worker-01", "c1-worker-02"];
const context = { nodes: names, sameFile: "--config c.toml", words: {} };

describe("what the master says", () => {
  const text = JSON.stringify(readiness({ stages: [stageOf("hdfs", { lines: ["last"] })] }));
  const slugOf = (content: string): string => {
    try {
      parseReadiness(content, "c1");
      return "taken";
    } catch (error) {
      if (!(error instanceof HailstackError) || error.exitCode !== 1) throw error;
      return error.problems.map(({ slug, message }) => `${slug}: ${message}`).join();
    }
  };

  test("is read when it is whole, and unknown keys of a newer patch are left out", () => {
    const more = JSON.stringify({ ...JSON.parse(text), more: 1 });
    expect(parseReadiness(more, "c1").stages[0]).toMatchObject({ stage: "hdfs", lines: ["last"] });
    expect(parseReadiness(more, "c1")).not.toHaveProperty("more");
  });

  test("is refused at every point where it was cut off", () => {
    for (let length = 0; length < text.length; length += 7)
      expect(slugOf(text.slice(0, length))).toMatch(/^ready-unreadable: .*(empty|not whole JSON)$/);
  });

  test.for([
    ["another version", { version: 2 }, /^ready-version: .*version 2, and this hailstack reads 1$/],
    ["no version", { version: undefined }, /^ready-unreadable: .*: version: /],
    ["another cluster", { cluster: "c2" }, /^ready-unreadable: .*cluster 'c2'$/],
    ["an unknown state", { state: "fine" }, /^ready-unreadable: .*: state: /],
    ["a negative time", { round_seconds: -1 }, /^ready-unreadable: .*: round_seconds: /],
    ["text of a megabyte", { job: { ...readiness().job, detail: "x".repeat(1_000_000) } }, /: job\.detail: /],
    ["a node name with a slash", { stages: [stageOf("hdfs", { nodes: { "../x": "" } })] }, /: stages\.0\.nodes/],
    ["stages without end", { stages: Array.from({ length: 51 }, () => stageOf("hdfs")) }, /: stages: /],
  ] as const)("is refused with %s", ([, change, message]) => {
    expect(slugOf(JSON.stringify({ ...JSON.parse(text), ...change }))).toMatch(message);
  });

  test("is not even parsed beyond 4 MiB", () => {
    expect(slugOf(" ".repeat(4 * 1_048_576 + 1))).toMatch(/more than 4 MiB$/);
  });
});

describe("from one report to the next", () => {
  const events = (progress: ReturnType<typeof openReadinessProgress>, ...stages: ReturnType<typeof stageOf>[]) =>
    progress.next(readiness({ stages }));

  test("a stage is told when it waits, when its count changes, when it passes, and then no more", () => {
    const progress = openReadinessProgress();
    const waiting = (detail: string) => stageOf("hdfs", { state: "waiting", detail });
    const passed = stageOf("hdfs", { detail: "2 of 2 datanodes", seconds: 12 });

    expect(events(progress, stageOf("boot", { seconds: 1 }), waiting("0 of 2 datanodes"))).toEqual([
      { event: "stage", stage: "boot", state: "done", seconds: 1, step: 1, of: 3 },
      { event: "stage", stage: "hdfs", state: "started", detail: "0 of 2 datanodes", step: 2, of: 3 },
    ]);
    expect(events(progress, stageOf("boot"), waiting("0 of 2 datanodes"))).toEqual([]);
    expect(events(progress, stageOf("boot"), waiting("1 of 2 datanodes"))).toHaveLength(1);
    expect(events(progress, stageOf("boot"), passed)).toEqual([
      { event: "stage", stage: "hdfs", state: "done", detail: "2 of 2 datanodes", seconds: 12, step: 2, of: 3 },
    ]);
    expect(events(progress, stageOf("boot"), passed)).toEqual([]);
  });

  test("what a node lacks is told once, whatever the seconds in it, and nodes of one reason share a line", () => {
    const progress = openReadinessProgress();
    const lack = (nodes: Record<string, string>) => stageOf("hdfs", { state: "waiting", detail: "d", nodes });
    const notes = (nodes: Record<string, string>) =>
      events(progress, lack(nodes)).flatMap((one) => (one.event === "note" ? [one.message] : []));

    expect(notes({ w1: "datanode not registered", w2: "datanode not registered" })).toEqual([
      "  hdfs: w1, w2: datanode not registered",
    ]);
    expect(notes({ w2: "datanode not registered" })).toEqual([]);
    expect(notes({ w2: "datanode silent for 13 s" })).toEqual(["  hdfs: w2: datanode silent for 13 s"]);
    expect(notes({ w2: "datanode silent for 16 s" })).toEqual([]);
  });

  test("a stage that falls back is told, and may pass again", () => {
    const progress = openReadinessProgress();
    events(progress, stageOf("yarn"));
    const fallen = events(progress, stageOf("yarn", { state: "waiting", detail: "1 of 2" }));
    expect(fallen).toContainEqual({ event: "note", message: "yarn is not well any more: 1 of 2" });
    expect(events(progress, stageOf("yarn"))).toEqual([expect.objectContaining({ stage: "yarn", state: "done" })]);
  });

  test("the job is the last stage, told from its start on; what a cluster has not got is no stage", () => {
    const progress = openReadinessProgress();
    const stages = [stageOf("boot"), stageOf("lustre", { state: "skipped" })];
    const job = (state: "running" | "passed", detail: string) =>
      progress.next(readiness({ stages, job: { state, seconds: 3, hosts: [], detail } }));
    progress.next(readiness({ stages }));

    expect(job("running", "hl.init()")).toEqual([
      { event: "stage", stage: "Hail job", state: "started", detail: "hl.init()", step: 2, of: 2 },
    ]);
    expect(job("passed", "on 2 workers")).toEqual([
      { event: "stage", stage: "Hail job", state: "done", detail: "on 2 workers", seconds: 3, step: 2, of: 2 },
    ]);
  });

  test("stages that still wait are ended when nobody looks any more", () => {
    const progress = openReadinessProgress();
    events(progress, stageOf("boot"), stageOf("yarn", { state: "waiting", detail: "1 of 2", seconds: 9 }));
    expect(progress.close()).toEqual([
      { event: "stage", stage: "yarn", state: "failed", detail: "1 of 2", seconds: 9, step: 3, of: 3 },
    ]);
  });

  test("of a thousand nodes four are named", () => {
    const many = Array.from({ length: 1000 }, (_, index) => `w${index}`);
    expect(nameSome(many)).toBe("w0, w1, w2, w3 and 996 more");
    expect(nameSome(many.slice(0, 5))).toBe("w0, w1, w2, w3, w4");
  });
});

describe("a cluster that is not ready", () => {
  const hdfs = stageOf("hdfs", {
    state: "waiting",
    detail: "1 of 2 datanodes",
    nodes: { "c1-worker-02": "datanode not registered" },
    look: "journalctl -u hdfs-datanode -n 50",
  });

  test("names node, stage, reason, the node's own words and the command that tells more", () => {
    const words = { "c1-worker-02": { summary: "hdfs-datanode ends and starts again", lines: ["bad heap"] } };
    expect(readinessProblems(readiness({ stages: [stageOf("boot"), hdfs] }), { ...context, words })).toEqual([
      {
        slug: "not-ready-hdfs",
        message: "hdfs: datanode not registered (hdfs-datanode ends and starts again)",
        where: "c1-worker-02",
        excerpt: ["bad heap"],
        fix: "look: hailstack ssh c1-worker-02 --config c.toml -- journalctl -u hdfs-datanode -n 50",
      },
    ]);
  });

  test("tells what failed, not what waits beside it; and never what only waits for another stage", () => {
    const after = stageOf("history", { state: "waiting", detail: "after hdfs" });
    const failed = stageOf("services", { state: "failed", detail: "nginx has failed", look: "l", lines: ["bind()"] });
    const slugs = (...stages: ReturnType<typeof stageOf>[]) =>
      readinessProblems(readiness({ stages }), context).map(({ slug, where }) => `${slug} ${where}`);

    expect(slugs(hdfs, after)).toEqual(["not-ready-hdfs c1-worker-02"]);
    expect(slugs(hdfs, after, failed)).toEqual(["not-ready-services c1-master"]);
  });

  test("gives the master's journal as the excerpt of the master's problem", () => {
    const failed = stageOf("services", { state: "failed", detail: "nginx has failed", lines: ["bind()"] });
    const [problem] = readinessProblems(readiness({ stages: [failed] }), context);
    expect(problem).toMatchObject({ where: "c1-master", excerpt: ["bind()"] });
  });

  test("counts the rest of a thousand workers that lack the same", () => {
    const nodes = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`c1-worker-${index}`, "no"]));
    const problems = readinessProblems(readiness({ stages: [{ ...hdfs, nodes }] }), context);
    expect(problems).toHaveLength(9);
    expect(problems.at(-1)?.message).toMatch(/^hdfs: the same or alike on .* and 988 more$/);
  });

  test("tells a Hail job that failed, by worker", () => {
    const job = {
      state: "failed" as const,
      seconds: 9,
      hosts: ["c1-worker-01"],
      detail: "tasks ran on 1 of 2 workers",
    };
    const report = readiness({ stages: [], job: { ...job, nodes: { "c1-worker-02": "ran no task" }, lines: ["x"] } });
    expect(readinessProblems(report, context)).toEqual([
      expect.objectContaining({ slug: "not-ready-hail-job", message: "Hail job: ran no task", where: "c1-worker-02" }),
    ]);
  });

  test("nodes go by their servers' names, however their host names were shortened", () => {
    const long = `${"n".repeat(60)}-worker-01`;
    const nodes = { [hostLabel(long)]: "a", stranger: "b" };
    expect(hostLabel(long)).not.toBe(long);
    expect([...lackingNodes(readiness({ stages: [{ ...hdfs, nodes }] }), [...names, long])]).toEqual([
      [long, "hdfs: a"],
      ["stranger", "hdfs: b"],
    ]);
  });
});

describe("a node's own report", () => {
  const unit = {
    unit: "hdfs-datanode.service",
    state: "activating",
    sub: "auto-restart",
    result: "exit-code",
    restarts: 7,
  };

  test("says of a unit that is in one of its tries that it ends and starts again", () => {
    const units = [{ unit: "yarn-nm.service", state: "activating", sub: "start", restarts: 2 }];
    expect(wordsOfReport(JSON.stringify({ boot: { stages: [] }, units })).summary).toBe(
      "yarn-nm ends and starts again, 2 restarts",
    );
  });

  test("says which unit ends again and again, how boot failed, which disk is full, with their last lines", () => {
    const report = {
      boot: { stages: [{ stage: "users", state: "failed", message: "no such group\nuseradd: 6" }] },
      units: [
        { ...unit, lines: ["Invalid maximum heap size"] },
        { unit: "x", state: "inactive", waits: true },
      ],
      disks: [{ path: "/", bytes: 20 * 2 ** 30, free_bytes: 2 ** 20, inodes: 100_000, free_inodes: 5 }],
    };
    expect(wordsOfReport(JSON.stringify(report))).toEqual({
      summary:
        "first boot: users is failed; / is full: 1 of 20480 MiB free; hdfs-datanode ends and starts again (exit-code), 7 restarts",
      lines: ["no such group", "useradd: 6", "Invalid maximum heap size"],
    });
  });

  test.for(["", "{", "[]", '{"units":1}', '"x"'])("that is %j is said to be none", (content) => {
    expect(wordsOfReport(content)).toEqual({ summary: "its own report cannot be read", lines: [] });
  });

  test("may find nothing, or no boot at all", () => {
    expect(wordsOfReport('{"boot":{"stages":[]}}').summary).toBe("it finds nothing amiss itself");
    expect(wordsOfReport("{}").summary).toBe("first boot has not begun");
  });
});
