/** The data of the bake: what each platform has for each bundle, the locks, the repairs of Hail. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Bundle } from "../../src/config/bundles.ts";
import { copyOfKit, everyBundle, inputsOf, kit, layFiles, run, stages, temporaryFolder } from "./rig.ts";

const bundles = await everyBundle();
const platforms = readdirSync(join(kit, "platforms"))
  .map((name) => basename(name, ".env"))
  .filter((name) => name !== "common");
/** The tests' bundle is made for what Debian 12 has (test/bundle/README.md). */
const impossible = ["test-hail-0.2.137-r1 on ubuntu-22.04", "test-hail-0.2.137-r1 on ubuntu-24.04"];

/** Words of every variable that the platform's data sets. */
async function dataOf(platform: string): Promise<Record<string, string[]>> {
  const script = `set -eu
    . platforms/common.env; . platforms/${platform}.env
    for name in $(compgen -v | grep -E '^(packages|asleep|JAVA|PYTHON)_'); do declare -n value=$name; echo "$name \${value[*]}"; done`;
  const { code, out } = await run("bash", ["-c", `cd '${kit}'; ${script}`], { PATH: process.env["PATH"] });
  if (code !== 0) throw new Error(out);
  const lines = out
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" ").filter(Boolean));
  return Object.fromEntries(lines.map(([name = "", ...words]) => [name, words]));
}

describe.for(platforms)("%s", (platform) => {
  test("has what the scripts read, and no list of it is empty", async () => {
    const data = await dataOf(platform);
    const texts = stages.map((stage) => readFileSync(join(kit, "scripts", `${stage}.sh`), "utf8"));
    const read = texts.flatMap((text) =>
      [...text.matchAll(/\$\{((?:packages|asleep)_\w+)\[@\]\}/g)].map(([, name]) => name),
    );

    expect(new Set(read)).toEqual(new Set(Object.keys(data).filter((name) => /^(packages|asleep)_/.test(name))));
    expect(Object.entries(data).filter(([, words]) => words.length === 0)).toEqual([]);
    expect(Object.values(data).flat().join(" ")).toMatch(/^[a-z0-9+./ -]+$/);
  });

  test("names package and home of a Java, program and packages of a Python, together", async () => {
    const names = Object.keys(await dataOf(platform));
    const wholes = names.flatMap((name) => [
      ...(/^JAVA_\d+_(?:PACKAGE|HOME)$/.test(name)
        ? [name.replace(/(PACKAGE|HOME)$/, "PACKAGE"), name.replace(/(PACKAGE|HOME)$/, "HOME")]
        : []),
      ...(/^PYTHON_\d+_\d+(?:_PACKAGES)?$/.test(name)
        ? [name.replace(/_PACKAGES$/, ""), `${name.replace(/_PACKAGES$/, "")}_PACKAGES`]
        : []),
    ]);
    expect(names.filter((name) => /^(JAVA|PYTHON)_/.test(name)).toSorted()).toEqual([...new Set(wholes)].toSorted());
  });
});

test("each platform has a Java and a Python for each bundle, but where that is known", async () => {
  const found: string[] = [];
  for (const platform of platforms) {
    const data = await dataOf(platform);
    for (const { id, java, python, artifacts } of bundles) {
      const has = (name: string) => artifacts.some((artifact) => artifact.name === name);
      const isWhole =
        (`JAVA_${java}_PACKAGE` in data || has("jdk")) &&
        (`PYTHON_${python.replaceAll(".", "_")}` in data || has("python"));
      if (!isWhole) found.push(`${id} on ${platform}`);
    }
  }
  expect(found.toSorted()).toEqual(impossible);
});

/** Runs `script` as a stage of `kit` would be, its first line done. */
const withLib = (kit: string, script: string) =>
  run("bash", ["-c", `. "$HAILSTACK_KIT/lib.sh"; ${script}`], {
    PATH: process.env["PATH"],
    HAILSTACK_KIT: kit,
    HAILSTACK_INPUTS: inputsOf(),
    HAILSTACK_WORK: temporaryFolder(),
    HAILSTACK_CACHE: "",
  });

test("a base image that is no platform is told with those there are", async () => {
  const lib = readFileSync(join(kit, "lib.sh"), "utf8");
  const others = {
    "lib.sh": lib,
    "platforms/common.env": "",
    "platforms/other-1.env": "",
    "platforms/other-2.env": "",
  };
  const { code, out } = await withLib(layFiles(temporaryFolder(), others), "echo never");
  expect(code).toBe(64);
  expect(out).toMatch(/^no image can be made of .*: there are other-1 other-2\n$/);
});

/** Hashes by `name==version`; lines that are neither are in `strange`. */
function readLock(path: string) {
  const [pins, strange]: [Map<string, number>, string[]] = [new Map(), []];
  let last = "";
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const pin = /^([a-z0-9][a-z0-9._-]*==[^\s;\\]+)(?: ; [^\\]+)? \\$/.exec(line)?.[1];
    if (pin !== undefined) pins.set((last = pin), 0);
    else if (/^ {4}--hash=sha256:[0-9a-f]{64}(?: \\)?$/.test(line)) pins.set(last, (pins.get(last) ?? 0) + 1);
    else if (line !== "" && !line.startsWith("#")) strange.push(line);
  }
  return { pins, strange };
}
const lockOf = ({ lock, lock_folder = join(kit, "locks") }: Bundle) => join(lock_folder, lock);
const locks = [...bundles.map(lockOf), join(kit, "locks/build.txt"), join(kit, "locks/uv.txt")];

test.for(locks)("%s: each package with its hashes, and no place to get it from", (path) => {
  const { pins, strange } = readLock(path);
  expect(strange).toEqual([]);
  expect(pins.size).toBeGreaterThan(0);
  expect([...pins].filter(([, hashes]) => hashes === 0)).toEqual([]);
  expect(readFileSync(path, "utf8")).not.toMatch(/:\/\/|--(extra-)?index|\w\.(org|com|io|net)\b/);
});

test.for(bundles)("$id: its lock has the bundle's own versions", (bundle) => {
  const { pins } = readLock(lockOf(bundle));
  const wanted = [`hail==${bundle.hail}`, `pyspark==${bundle.spark}`, `gnomad==${bundle.gnomad_package}`];
  expect(wanted.filter((pin) => !pins.has(pin))).toEqual([]);
  const text = [...pins.keys()].join("\n");
  for (const name of ["jupyterlab", "ipykernel", "setuptools", "numpy"])
    expect(text).toMatch(new RegExp(`^${name}==`, "m"));
});

test("no lock, patch or list of ours belongs to no bundle", () => {
  const used = new Set(locks.map((path) => basename(path)).concat("common.in", "build.in"));
  expect(readdirSync(join(kit, "locks")).filter((name) => !used.has(name))).toEqual([]);
  const patches = new Set(bundles.map(({ hail }) => `hail-${hail}.patch`));
  expect(new Set(readdirSync(join(kit, "patches")))).toEqual(patches);
});

/** The file that a patch begins with, as far as the patch tells it; its hunks stand where they say. */
function before(patch: string): string {
  const lines: string[] = [];
  for (const line of patch.split("\n")) {
    const start = /^@@ -(\d+)/.exec(line)?.[1];
    if (start !== undefined) while (lines.length < Number(start) - 1) lines.push(`line = ${lines.length}`);
    else if (/^[ -](?!--)/.test(line)) lines.push(line.slice(1));
  }
  return `${lines.join("\n")}\n`;
}

test.for([...new Set(bundles.map(({ hail }) => hail))])(
  "the repair of Hail %s is applied once, and only where it fits",
  async (hail) => {
    const patch = join(kit, `patches/hail-${hail}.patch`);
    expect(existsSync(patch)).toBe(true);
    const path = "hailtop/aiotools/validators.py";
    const folder = layFiles(temporaryFolder(), { [path]: before(readFileSync(patch, "utf8")) });
    const apply = () => withLib(copyOfKit(), `apply_once '${folder}' '${patch}'`);
    const text = () => readFileSync(join(folder, path), "utf8");

    expect((await apply()).code).toBe(0);
    const repaired = text();
    expect(repaired).toContain("if separator and scheme not in RouterAsyncFS.schemes():\n        return\n");
    expect([(await apply()).code, text()]).toEqual([0, repaired]);

    layFiles(folder, { [path]: repaired.replace(/[^]*?(?=    scheme,)/, "changed = True\n") });
    expect((await apply()).code).toBe(1);
  },
);
