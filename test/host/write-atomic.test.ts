import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, readlink, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { openFiles } from "../../src/host/files.ts";
import { leftoverName } from "../../src/host/leftovers.ts";
import { testFolder } from "./folder.ts";
import { problemOf } from "./problem.ts";

const files = openFiles();
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

function withUmask(mask: number): void {
  const before = process.umask(mask);
  onTestFinished(() => void process.umask(before));
}

test.for([
  { mode: 0o600, umask: 0o000 },
  { mode: 0o644, umask: 0o077 },
  { mode: 0o755, umask: 0o022 },
  { mode: 0o400, umask: 0o777 },
])("a new file has mode $mode whatever the umask", async ({ mode, umask }) => {
  const path = join(await testFolder(), "clouds.yaml");
  withUmask(umask);

  await files.writeAtomic(path, "content", mode);

  expect(await modeOf(path)).toBe(mode);
  expect(await readFile(path, "utf8")).toBe("content");
});

test("an existing file gets the new content and mode, and nothing else is left in the folder", async () => {
  const folder = await testFolder();
  const path = join(folder, "clouds.yaml");
  await writeFile(path, "old and longer than new");
  await chmod(path, 0o666);

  await files.writeAtomic(path, Buffer.from("new"), 0o600);

  expect(await readFile(path, "utf8")).toBe("new");
  expect(await modeOf(path)).toBe(0o600);
  expect(await readdir(folder)).toEqual(["clouds.yaml"]);
});

test("missing parents are made for the owner alone", async () => {
  const folder = await testFolder();

  await files.writeAtomic(join(folder, "a/b/clouds.yaml"), "", 0o600);

  expect([await modeOf(join(folder, "a")), await modeOf(join(folder, "a/b"))]).toEqual([0o700, 0o700]);
});

test("a link goes on pointing where it did, and the file behind it gets the content", async () => {
  const folder = await testFolder();
  await mkdir(join(folder, "dotfiles"));
  await writeFile(join(folder, "dotfiles/clouds.yaml"), "old");
  await symlink("dotfiles/clouds.yaml", join(folder, "clouds.yaml"));

  await files.writeAtomic(join(folder, "clouds.yaml"), "new", 0o600);

  expect(await readlink(join(folder, "clouds.yaml"))).toBe("dotfiles/clouds.yaml");
  expect(await readFile(join(folder, "dotfiles/clouds.yaml"), "utf8")).toBe("new");
  expect(await readdir(join(folder, "dotfiles"))).toEqual(["clouds.yaml"]);
});

test.for([
  { what: "a directory", path: "folder", slug: "file-not-regular", exitCode: 2 },
  { what: "below a file", path: "file/x", slug: "file-not-written", exitCode: 1 },
  { what: "of too long a name", path: "x".repeat(300), slug: "file-not-written", exitCode: 1 },
])("a place that is $what is refused and nothing is left behind", async ({ path, slug, exitCode }) => {
  const folder = await testFolder();
  await mkdir(join(folder, "folder"));
  await writeFile(join(folder, "file"), "");

  expect(await problemOf(files.writeAtomic(join(folder, path), "", 0o600))).toMatchObject({
    slug,
    exitCode,
    where: join(folder, path),
  });
  expect((await readdir(folder)).sort()).toEqual(["file", "folder"]);
});

test("a folder that takes no files is refused at once", async () => {
  expect((await problemOf(files.writeAtomic("/proc/none/of/this", "", 0o600))).slug).toBe("file-not-written");
});

test("a write that fails half-way leaves the old content and no other file", async () => {
  const folder = await testFolder();
  const path = join(folder, "clouds.yaml");
  await writeFile(path, "old");
  const writer = fileURLToPath(new URL("writer.ts", import.meta.url));

  // A limit on the size of files stands for a full disk, which no test can make.
  const { status, stderr } = spawnSync("sh", ["-c", 'ulimit -f 8; exec "$@"', "sh", process.execPath, writer, path]);

  expect(status).toBe(1);
  expect(stderr.toString()).toContain("cannot write the file: larger than files may be");
  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["clouds.yaml"]);
});

test("many writers at once leave the content of one of them", async () => {
  const folder = await testFolder();
  const path = join(folder, "clouds.yaml");
  const contents = Array.from({ length: 20 }, (_, writer) => `${writer}`.repeat(10_000));

  await Promise.all(contents.map((content) => files.writeAtomic(path, content, 0o600)));

  expect(contents).toContain(await readFile(path, "utf8"));
  expect(await readdir(folder)).toEqual(["clouds.yaml"]);
});

test("writeNew makes a file with its mode", async () => {
  const folder = await testFolder();
  withUmask(0o077);

  await files.writeNew(join(folder, "my.toml"), "content", 0o644);

  expect(await readFile(join(folder, "my.toml"), "utf8")).toBe("content");
  expect(await modeOf(join(folder, "my.toml"))).toBe(0o644);
  expect(await readdir(folder)).toEqual(["my.toml"]);
});

test.for([
  { what: "a file", make: (path: string) => writeFile(path, "precious") },
  { what: "a directory", make: (path: string) => mkdir(path) },
  { what: "a link to nothing", make: (path: string) => symlink("nothing", path) },
])("writeNew never touches $what", async ({ make }) => {
  const folder = await testFolder();
  const path = join(folder, "my.toml");
  await make(path);

  expect(await problemOf(files.writeNew(path, "new", 0o644))).toMatchObject({ exitCode: 2, slug: "file-exists" });
  expect(await readdir(folder)).toEqual(["my.toml"]);
  expect(await readFile(path, "utf8").catch(() => "precious")).toBe("precious");
});

test("of many writeNew at once exactly one succeeds, and its content stays", async () => {
  const path = join(await testFolder(), "my.toml");
  const contents = Array.from({ length: 20 }, (_, writer) => `writer ${writer}`);

  const results = await Promise.allSettled(contents.map((content) => files.writeNew(path, content, 0o600)));

  const winners = contents.filter((_, writer) => results[writer]?.status === "fulfilled");
  expect(winners).toEqual([await readFile(path, "utf8")]);
});

test("the next write sweeps what dead runs left, and nothing else", async () => {
  const folder = await testFolder();
  const live = leftoverName(".hailstack-tmp-");
  // Process ids end at 4194304, so this one never lives.
  const dead = live.replace(`-${process.pid}-`, "-4194305-");
  const elsewhere = dead.replace(/tmp-[0-9a-f]{8}/, "tmp-00000000");
  const kept = [live, elsewhere, ".hailstack-tmp-notes", "my.toml"];
  const old = elsewhere.replace("00000000", "11111111");
  for (const name of [...kept, dead, old]) await writeFile(join(folder, name), "");
  const eightDaysAgo = Date.now() / 1000 - 8 * 24 * 60 * 60;
  await utimes(join(folder, old), eightDaysAgo, eightDaysAgo);

  await files.writeAtomic(join(folder, "clouds.yaml"), "", 0o600);

  expect((await readdir(folder)).sort()).toEqual([...kept, "clouds.yaml"].sort());
});
