/**
 * `npm run locks [-- BUNDLE…]`: makes the Python locks of bundles anew, from what the package index has today; without a
 * BUNDLE those of all, and the one of what builds packages. Every package with its hashes, for the one platform that
 * images are: Linux on x86_64.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readBundles } from "../src/config/bundles.ts";
import { openFiles } from "../src/host/files.ts";

const root = dirname(import.meta.dirname);
const wanted = new Set(process.argv.slice(2));
const world = { files: openFiles(), asset: async (name: string) => readFileSync(join(root, name), "utf8") };
const tests = join(root, "test/bundle/bundles.toml");

const shipped = new Set((await readBundles(world)).all.map(({ id }) => id));
for (const { id, hail, spark, gnomad_package, python, lock } of (await readBundles(world, tests)).all) {
  if (wanted.size > 0 && !wanted.has(id)) continue;
  const input = `${listed("common.in")}hail==${hail}\npyspark==${spark}\ngnomad==${gnomad_package}\n`;
  const folder = shipped.has(id) ? join(root, "packer/locks") : dirname(tests);
  writeLock(join(folder, lock), `The base environment of ${id}`, { input, python });
}
// The same for every bundle: neither package cares for the version of Python.
if (wanted.size === 0) {
  const file = join(root, "packer/locks/build.txt");
  writeLock(file, "What builds the packages that exist as sources only", { input: listed("build.in"), python: "3.12" });
}

function listed(name: string): string {
  return readFileSync(join(root, "packer/locks", name), "utf8");
}

function writeLock(file: string, what: string, { input, python }: { input: string; python: string }): void {
  const platform = ["--python-version", python, "--python-platform", "x86_64-unknown-linux-gnu"];
  const form = ["--quiet", "--generate-hashes", "--no-header", "--no-annotate", "--upgrade"];
  const text = execFileSync(uv(), ["pip", "compile", ...form, ...platform, "-"], { input, encoding: "utf8" });
  writeFileSync(file, `# ${what}, made by \`npm run locks\`.\n${text}`);
  process.stdout.write(`${file}\n`);
}

function uv(): string {
  const python = process.env.HAILSTACK_TEST_PYTHON;
  if (python === undefined) throw new Error("run it as `npm run locks`");
  return join(dirname(python), "uv");
}
