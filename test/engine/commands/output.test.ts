/** What scripts and terminals get of a whole life of a cluster. */
import { expect, test } from "vitest";
import { jsonLines, openRig, resultOf, watched } from "./watched.ts";

const rig = await openRig();

test("a create whose reader goes away in the middle goes on to its end", async () => {
  const { child, ended } = rig.start("create", "--config", rig.config, "--dotenv", rig.dotenv, "--json");
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  child.stdout?.destroy();
  const run = await ended;

  expect([run.code, run.signal]).toEqual([0, null]);
  expect(rig.cloud.state.servers.size).toBe(3);
  expect((await watched(rig, ["create"])).writes).toEqual([]);
});

test("with --json every line is JSON, the last one is the answer, and stderr is empty", async () => {
  rig.configure({ "cluster.num_workers": 3 });
  const run = await rig.hailstack("create", "--json");
  const events = jsonLines(run);

  expect([run.code, run.stderr]).toEqual([0, ""]);
  expect(events.every(({ event, time }) => typeof event === "string" && typeof time === "string")).toBe(true);
  expect(events.filter(({ event }) => event === "result")).toHaveLength(1);
  expect(resultOf(run)).toMatchObject({
    command: "create",
    cluster: "c1",
    changes: { create: 2, update: 0, delete: 0, replace: 0 },
    outputs: { num_workers: 3, worker_names: ["c1-worker-01", "c1-worker-02", "c1-worker-03"] },
  });
  const worker = { event: "resource", resource: "c1-worker-03", kind: "Instance", operation: "create" };
  expect(events).toContainEqual(expect.objectContaining({ ...worker, state: "done" }));
});

test("with --json an error is a line too, and the last one tells the exit code", async () => {
  rig.configure({ "cluster.num_workers": 3, "cluster.spread": "off" });
  const run = await rig.hailstack("create", "--json");
  const events = jsonLines(run);
  rig.configure({ "cluster.num_workers": 3 });

  expect([run.code, run.stderr]).toEqual([3, ""]);
  expect(events).toContainEqual(expect.objectContaining({ event: "error", slug: "live-change", exit_code: 3 }));
  expect(events.at(-1)).toMatchObject({ event: "result", error: ["live-change"], exit_code: 3 });
});

test.for([
  { variable: "NO_COLOR", coloured: false },
  { variable: "NOT_NO_COLOR", coloured: true },
])("on a terminal colours are there unless NO_COLOR is set: $variable", async ({ variable, coloured }) => {
  const run = await rig.withEnv({ [variable]: "1" }).onTerminal({ after: "never", keys: "" }, "create");

  expect(run.code).toBe(0);
  // eslint-disable-next-line no-control-regex
  expect(/\u001B\[[\d;]*m/.test(run.stdout)).toBe(coloured);
  expect(run.stdout).toContain("0 changes");
});

test("the last words of create are commands that work as they stand", async () => {
  const { stdout } = await rig.hailstack("create");
  const commands = [...stdout.matchAll(/^ {2}(?:look|remove): +hailstack (.*)$/gm)].map(([, line = ""]) =>
    line.split(" "),
  );

  expect(commands.map(([command]) => command)).toEqual(["status", "destroy"]);
  expect((await rig.start(...(commands[0] ?? [])).ended).code).toBe(0);
  expect((await rig.start(...(commands[1] ?? []), "--json", "--yes", "c1").ended).code).toBe(0);
});
