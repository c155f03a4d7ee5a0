/** The Python programs of a node: they compile, import what is there alone, and answer a wrong call with how they are called. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { canOverlay, kit, run, tellSkipped } from "./rig.ts";
import { inPython, onNode } from "./node-rig.ts";

const stages = readdirSync(join(kit, "files"));
const files = stages
  .flatMap((stage) => readdirSync(join(kit, "files", stage), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name));
const python = files.filter(
  (path) => path.endsWith(".py") || /^#!\S*python3? -B\n/.test(readFileSync(path, "utf8").slice(0, 80)),
);
const programs = python.filter((path) => path.includes("/libexec/hailstack/") && !path.endsWith(".py"));

test("what looks like Python is found", () => {
  const names = programs.map((path) => path.split("/").at(-1));
  expect(names).toEqual(expect.arrayContaining(["apply", "boot", "overlay-check", "report", "volume"]));
  expect(python.length).toBeGreaterThan(programs.length);
});

test("it compiles with the Python of the system, and programs can be run", async () => {
  const compile = "import sys\nfor path in sys.argv[1:]: compile(open(path).read(), path, 'exec')";
  const ran = await run("/usr/bin/python3", ["-B", "-c", compile, ...python]);
  expect([ran.out, ran.code]).toEqual(["", 0]);
  expect(programs.filter((path) => (statSync(path).mode & 0o111) !== 0o111)).toEqual([]);
});

test("modules import the standard library and each other, and nothing else", async () => {
  const modules = python
    .filter((path) => path.includes("/hailstack_node/"))
    .map((path) => `hailstack_node.${path.split("/").at(-1)?.replace(".py", "")}`);
  // -S: without whatever else is installed on this machine.
  const code = `import importlib, sys\nsys.path = [p for p in sys.path if "-packages" not in p]\nfor each in sys.argv[1:]: importlib.import_module(each)`;
  const ran = await inPython(code, ...modules);
  expect([ran.out, ran.code]).toEqual(["", 0]);
});

tellSkipped("node-programs.test.ts");
vi.setConfig({ testTimeout: 120_000 });
describe.skipIf(!canOverlay)("a wrong call", () => {
  test.for(["boot --now", "apply now", "report now", "volume", "volume decide", "volume decide /x maybe"])(
    "%s is answered with how it is done, and does nothing",
    async (call) => {
      const { code, out, calls } = await onNode(`/usr/libexec/hailstack/${call} </dev/null`);
      expect([code, calls]).toEqual([2, []]);
      expect(out).toMatch(new RegExp(`^usage: ${call.split(" ")[0]}`, "m"));
    },
  );
});
