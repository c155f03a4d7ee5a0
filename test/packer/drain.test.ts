/** `drain`: what it tells the daemons of workers that leave, what it waits for, and when it gives up. */
import { describe, expect, test, vi } from "vitest";
import { drain } from "./drain-rig.ts";
import { canOverlay, tellSkipped } from "./rig.ts";
import { onNode, type Rule } from "./node-rig.ts";

tellSkipped("drain.test.ts");
vi.setConfig({ testTimeout: 120_000 });

const leaving = (left: number, open = 0) => ({ adminState: "Decommission In Progress", left, open });
const gone = { adminState: "Decommissioned" };
/** The words of each line for the worker. */
const words = (lines: readonly Record<string, unknown>[], service: string): unknown[] =>
  lines.map(({ nodes }) => (nodes as Record<string, Record<string, unknown>>)["c1-worker-02"]?.[service]);

test("it ends when blocks have moved, YARN has let go and executors have ended, and tells each change once", async () => {
  const { code, lines, saved, told } = await drain({
    hdfs: [{ adminState: "In Service" }, leaving(12), leaving(3, 1), leaving(0), gone],
    yarn: ["RUNNING", "DECOMMISSIONING", "DECOMMISSIONING", "DECOMMISSIONED"],
    executors: [2, 2, 2, 2, 1, 1, 0],
  });

  expect(code).toBe(0);
  expect(told).toEqual(["Spark decommissions c1-worker-02"]);
  expect(lines.map(({ state }) => state)).toEqual([...lines.slice(1).map(() => "draining"), "drained"]);
  expect(words(lines, "hdfs")).toEqual([
    "not excluded yet",
    "12 blocks left",
    "3 blocks left, 1 of files that are being written",
    "being decommissioned",
    "decommissioned",
    "decommissioned",
  ]);
  expect(words(lines, "yarn").slice(0, 2)).toEqual(["running, 1 container", "decommissioning, 1 container"]);
  expect(words(lines, "spark")).toEqual([
    "told, 2 executors",
    "2 executors",
    "2 executors",
    "2 executors",
    "1 executor",
    "decommissioned",
  ]);
  expect(words(lines, "left").at(-1)).toEqual([]);
  expect(saved).toEqual({ ...lines.at(-1), updated: expect.stringMatching(/^\d{4}-.*Z$/) });
});

describe("files", () => {
  const files = { "/a": 3, "/b": 1, "/d/c": 2, "/d/e/f g%": 2, "/d/e/h": 1, "/d/vanished/x": 3, "/z": 2 };

  test("that ask for more copies than data nodes remain are set to so many, and no others", async () => {
    const { code, told, lines, files: after } = await drain({ files });
    expect(code).toBe(0);
    expect(told.filter((each) => each.startsWith("/")).toSorted()).toEqual([
      "/a gets 1",
      "/d/c gets 1",
      "/d/e/f g% gets 1",
      "/z gets 1",
    ]);
    expect(after).toEqual({ "/a": 1, "/b": 1, "/d/c": 1, "/d/e/f g%": 1, "/d/e/h": 1, "/d/vanished/x": 3, "/z": 1 });
    expect(lines.at(-1)?.["detail"]).toBe("4 files set to 1 copies");
  });

  test("stay as they are when three data nodes remain", async () => {
    const { told } = await drain({ files: { "/a": 10 } }, { copies: 3 });
    expect(told).toEqual(["Spark decommissions c1-worker-02"]);
  });
});

describe("a worker that is gone already", () => {
  test.for(["dead", "gone"] as const)("keeps nobody waiting: %s", async (state) => {
    const { code, lines, told } = await drain({ hdfs: [state], yarn: ["LOST"], spark: "DEAD", executors: [undefined] });
    expect([code, told, lines.at(-1)?.["state"]]).toEqual([0, [], "drained"]);
  });

  test("is not given up while blocks are missing that it may have", async () => {
    const scene = { hdfs: ["dead"], missing: 5, yarn: [undefined], spark: "DEAD", executors: [undefined] } as const;
    const { code, lines } = await drain(scene, { seconds: 0.1 });
    expect([code, words(lines, "hdfs").at(-1)]).toEqual([3, "dead, and 5 blocks missing"]);
  });
});

test("work that does not end is left behind at the deadline, once HDFS is done", async () => {
  const { code, saved } = await drain({ executors: [1] }, { seconds: 0.3 });
  expect([code, saved["state"], saved["safe"], words([saved], "left")]).toEqual([0, "deadline", true, [["spark"]]]);
});

test("HDFS that is not done at the deadline is told by its code", async () => {
  const { code, saved } = await drain({ hdfs: [leaving(7)] }, { seconds: 0.3 });
  expect([code, saved["state"], saved["safe"], words([saved], "left")]).toEqual([3, "deadline", false, [["hdfs"]]]);
});

test("a daemon that does not answer is asked again", async () => {
  const { code, lines } = await drain({ hdfs: ["silent", "silent", gone], executors: [undefined, 0] });
  expect(code).toBe(0);
  expect(words(lines, "hdfs")[0]).toMatch(/^not known: 127\.0\.0\.4:\d+\/jmx answers 503$/);
  expect(words(lines, "spark")[0]).toMatch(/^does not answer: /);
});

test("a Spark master that does not decommission is told of, and what runs is waited for", async () => {
  const { code, lines } = await drain({ kill: 404, executors: [1, 0] });
  expect(code).toBe(0);
  expect(words(lines, "spark")).toEqual([
    "its master does not decommission it (status 404), 1 executor",
    "its master does not decommission it (status 404)",
  ]);
});

describe.skipIf(!canOverlay)("the program", () => {
  const call = "--replication 2 --deadline 1800 c1-worker-03 c1-worker-04";
  const rules: Rule[] = [{ call: "systemctl stop hailstack-drain.service", code: 5 }];

  test("starts itself as a unit in the place of an earlier one, whose words go", async () => {
    const programs = { "stand-in/systemd-run": '#!/bin/sh\necho "run $*" >>/stand-in/calls\n' };
    const { code, calls, read } = await onNode(`/usr/libexec/hailstack/drain --start ${call}`, {
      rules,
      programs,
      files: { "var/lib/hailstack/drain.json": "{}" },
    });
    expect([code, read("/var/lib/hailstack/drain.json")]).toEqual([0, undefined]);
    expect(calls).toEqual([
      "systemctl stop hailstack-drain.service",
      `run --quiet --collect --unit=hailstack-drain.service /usr/libexec/hailstack/drain ${call}`,
    ]);
  });

  test.for(["", "--replication 0 --deadline 5 a", "--replication 1 --deadline 5", `${call} --force`, `${call} a;b`])(
    "is told how it is called instead of: %s",
    async (wrong) => {
      const { code, out, calls } = await onNode(`/usr/libexec/hailstack/drain ${wrong.replace(";", "\\;")}`);
      expect([code, calls]).toEqual([2, []]);
      expect(out).toMatch(/^usage: drain /m);
    },
  );
});
