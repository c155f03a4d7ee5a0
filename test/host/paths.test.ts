import { spawnSync } from "node:child_process";
import { chmod, chown, mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { leftoverName } from "../../src/host/leftovers.ts";
import { cacheDir, runtimeDir, stateDir } from "../../src/host/paths.ts";
import { xdgFolder } from "../../src/host/xdg.ts";
import { makeRunDir } from "../../src/host/run-dir.ts";
import { testFolder } from "./folder.ts";
import { problemOf } from "./problem.ts";

const uid = process.getuid?.() ?? -1;
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

test.for([
  { kind: "cache", env: { XDG_CACHE_HOME: "/x/c", HOME: "/h" }, folder: "/x/c/hailstack" },
  { kind: "cache", env: { HOME: "/h" }, folder: "/h/.cache/hailstack" },
  { kind: "cache", env: { XDG_CACHE_HOME: "relative", HOME: "/h" }, folder: "/h/.cache/hailstack" },
  { kind: "cache", env: { XDG_CACHE_HOME: "", HOME: "/h" }, folder: "/h/.cache/hailstack" },
  { kind: "cache", env: { HOME: "" }, folder: undefined },
  { kind: "cache", env: {}, folder: undefined },
  { kind: "state", env: { HOME: "/h" }, folder: "/h/.local/state/hailstack" },
  { kind: "runtime", env: { XDG_RUNTIME_DIR: "/run/user/1", HOME: "/h" }, folder: "/run/user/1/hailstack" },
  { kind: "runtime", env: { HOME: "/h" }, folder: undefined },
] as const)("the $kind folder with $env is $folder", ({ kind, env, folder }) => {
  expect(xdgFolder(kind, env)).toBe(folder);
});

test("folders are made below a home, for the owner alone", async () => {
  const home = join(await testFolder(), "new home");
  const env = { HOME: home, TMPDIR: home };

  expect(await cacheDir(env)).toBe(join(home, ".cache/hailstack"));
  expect(await stateDir(env)).toBe(join(home, ".local/state/hailstack"));
  expect(await runtimeDir(env)).toBe(join(home, `hailstack-${uid}/runtime`));
  expect(await modeOf(join(home, ".cache/hailstack"))).toBe(0o700);
  expect(await modeOf(join(home, `hailstack-${uid}`))).toBe(0o700);
});

test.for([
  { what: "unset", home: () => undefined },
  { what: "a file", home: (folder: string) => join(folder, "file") },
  { what: "read-only", home: () => "/proc" },
])("with a HOME that is $what, a private folder below TMPDIR is used", async ({ home }) => {
  const folder = await testFolder();
  await writeFile(join(folder, "file"), "");
  const env = { HOME: home(folder), TMPDIR: folder };

  expect(await cacheDir(env)).toBe(join(folder, `hailstack-${uid}/cache`));
});

test("a cache folder that others may write to is closed to them", async () => {
  const home = await testFolder();
  await mkdir(join(home, ".cache/hailstack"), { recursive: true });
  await chmod(join(home, ".cache/hailstack"), 0o777);

  await cacheDir({ HOME: home });

  expect(await modeOf(join(home, ".cache/hailstack"))).toBe(0o755);
});

test.skipIf(uid !== 0)("a folder of another user is not used, even where it could be", async () => {
  const folder = await testFolder();
  await mkdir(join(folder, "hailstack"));
  await chown(join(folder, "hailstack"), 12_345, 12_345);

  expect(await runtimeDir({ XDG_RUNTIME_DIR: folder, TMPDIR: folder })).toBe(join(folder, "hailstack-0/runtime"));
});

test.for([
  {
    what: "open to others",
    plant: async (path: string) => {
      await mkdir(path);
      await chmod(path, 0o755);
    },
  },
  {
    what: "a link to a private folder",
    plant: async (path: string) => {
      await mkdir(`${path}-private`, { mode: 0o700 });
      await symlink(`${path}-private`, path);
    },
  },
])("a planted folder below TMPDIR that is $what is refused", async ({ plant }) => {
  const folder = await testFolder();
  await plant(join(folder, `hailstack-${uid}`));

  expect(await problemOf(runtimeDir({ TMPDIR: folder }))).toMatchObject({
    exitCode: 1,
    slug: "temporary-folder-not-private",
    where: join(folder, `hailstack-${uid}`),
  });
});

test("a machine without any writable folder is told so", async () => {
  expect(await problemOf(cacheDir({ TMPDIR: "/proc/none" }))).toMatchObject({
    exitCode: 1,
    slug: "no-writable-folder",
  });
});

test("each run folder is new, empty and private, and sweeps those of dead processes", async () => {
  const env = { XDG_RUNTIME_DIR: await testFolder() };
  const first = await makeRunDir(env);
  const dead = join(await runtimeDir(env), leftoverName("run-").replace(`-${process.pid}-`, "-4194305-"));
  await mkdir(join(dead, "full/of"), { recursive: true });

  const second = await makeRunDir(env);

  expect(second).not.toBe(first);
  expect([await readdir(second), await modeOf(second)]).toEqual([[], 0o700]);
  expect(
    (await readdir(await runtimeDir(env))).map((name) => join(env.XDG_RUNTIME_DIR, "hailstack", name)).sort(),
  ).toEqual([first, second].sort());
});

test.for(["return", "throw", "SIGTERM"])("a run folder is gone after a process that ended by %s", async (ending) => {
  const folder = await testFolder();
  const script = fileURLToPath(new URL("run-dir-user.ts", import.meta.url));

  const { stdout } = spawnSync(process.execPath, [script, ending], { env: { XDG_RUNTIME_DIR: folder } });

  expect(stdout.toString()).toContain(join(folder, "hailstack/run-"));
  expect(await readdir(join(folder, "hailstack"))).toEqual([]);
});
