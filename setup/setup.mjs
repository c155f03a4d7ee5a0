/**
 * What `npm test`, `npm run demo` and the others start with: makes a fresh clone whole, then runs the task.
 * Runs on whatever Node the machine has, before anything is installed; the task itself runs on the pinned one.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { buildCommandLine } from "./bundle.mjs";
import { installPackages } from "./packages.mjs";
import { installPython } from "./python.mjs";
import { root, say } from "./steps.mjs";
import { buildToolchain, engineTools, imageTools } from "./toolchain.mjs";

const node = join(root, "node_modules/.bin/node");
const script = (name) => join(root, "node_modules", name);

/** Each task: what it needs beyond the packages, and what it runs. */
const tasks = {
  setup: { needs: ["engine", "bundle"], run: [] },
  toolchain: { needs: ["engine", "image"], run: [] },
  test: {
    needs: ["engine", "image", "python", "bundle"],
    run: [[script("vitest/vitest.mjs"), "run", "--project", "fast", "--project", "engine", "--project", "nodes"]],
  },
  check: {
    needs: ["engine", "image", "python", "bundle"],
    run: [
      [script("typescript/bin/tsc"), "-p", "."],
      [script("oxlint/bin/oxlint"), "--deny-warnings"],
      [script("oxfmt/bin/oxfmt"), "--check", "."],
      [script("vitest/vitest.mjs"), "run", "--project", "fast", "--project", "engine", "--project", "nodes"],
    ],
  },
  lint: {
    needs: [],
    run: [
      [script("typescript/bin/tsc"), "-p", "."],
      [script("oxlint/bin/oxlint"), "--deny-warnings"],
      [script("oxfmt/bin/oxfmt"), "--check", "."],
    ],
  },
  demo: { needs: ["engine", "python", "bundle"], run: [[join(root, "test/demo/demo.ts")]] },
  acceptance: { needs: ["engine", "python", "bundle"], run: [[join(root, "test/acceptance/run.ts")]] },
  faults: { needs: ["engine", "python", "bundle"], run: [[join(root, "test/faults/run.ts")]] },
  bench: { needs: ["engine", "python", "bundle"], run: [[join(root, "test/bench/run.ts")]] },
  bake: { needs: [], run: [[join(root, "test/nodes/bake.ts")]] },
  locks: { needs: ["python"], run: [[join(root, "setup/locks.ts")]] },
  generate: { needs: [], run: [[join(root, "setup/generate.ts")]] },
};

const [name = "setup", ...more] = process.argv.slice(2);
const task = tasks[name];
if (!task) {
  say(`no task ${name}; there are: ${Object.keys(tasks).join(", ")}`);
  process.exit(2);
}
process.on("uncaughtException", (error) => {
  say(error.message);
  process.exit(1);
});
await installPackages();
const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}` };
if (task.needs.includes("engine")) env.HAILSTACK_TOOLCHAIN ??= await buildToolchain(engineTools);
if (task.needs.includes("image")) await buildToolchain(imageTools);
if (task.needs.includes("python")) env.HAILSTACK_TEST_PYTHON ??= await installPython();
if (task.needs.includes("bundle")) await buildCommandLine();
// Ctrl-C is the task's to answer, and its shell shall not be back before the task has cleaned up.
process.on("SIGINT", () => {});
for (const [program, ...args] of task.run) {
  const run = spawnSync(node, [program, ...args, ...more], { cwd: root, env, stdio: "inherit" });
  if (run.status !== 0) process.exit(run.status ?? 1);
}
if (task.run.length === 0) say(`ready: ${existsSync(join(root, "dist/main.js")) ? "bin/hailstack" : "toolchain"}`);
