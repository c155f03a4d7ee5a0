/** The stand-in says what the real bake says, in the same words. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { markOf } from "../../../src/tools/packer-output.ts";
import { checkout } from "../checkout.ts";

const standIn = new URL("bake.sh", import.meta.url).pathname;
const stages = readFileSync(join(checkout, "packer/stages"), "utf8").trim().split("\n");
let disk: string;
beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), "hailstack-bake-"));
  cpSync(join(checkout, "packer"), join(disk, "var/tmp/hailstack-kit"), { recursive: true });
  mkdirSync(join(disk, "inputs"));
  writeFileSync(join(disk, "inputs/bundle.env"), "BUNDLE_ID='b1'\nBUILD_ID='0123456789abcdef'\nHAIL_VERSION='1'\n");
  writeFileSync(join(disk, "inputs/network.env"), "HTTP_PROXY_URL=''\n");
});
afterEach(() => rmSync(disk, { recursive: true }));

function bake(env: Record<string, string> = {}) {
  const all = { PATH: process.env.PATH, DISK: disk, ...env };
  const { stdout, status } = spawnSync("bash", [standIn, join(disk, "inputs")], { env: all, encoding: "utf8" });
  return { status, marks: stdout.split("\n").flatMap((line) => markOf(line) ?? []) };
}

test("every mark of the bake's is one of the stand-in's, in the same form", () => {
  const forms = (path: string) => [...readFileSync(path, "utf8").matchAll(/printf '(hailstack-stage [^']+)'/g)];
  const wordsOf = (path: string) => new Set(forms(path).map(([, form = ""]) => form));

  expect(wordsOf(join(checkout, "packer/bake")).size).toBe(3);
  expect(wordsOf(standIn)).toEqual(wordsOf(join(checkout, "packer/bake")));
});

test("it goes through all stages, and tells which failed", () => {
  expect(
    bake()
      .marks.filter(({ mark }) => mark === "done")
      .map(({ stage }) => stage),
  ).toEqual(stages);
  expect(bake({ BAKE_FAILS: "java" })).toMatchObject({
    status: 7,
    marks: expect.arrayContaining([{ mark: "failed", stage: "java", script: "scripts/java.sh", exitCode: 7 }]),
  });
});

test("its reports have what the real one's have", () => {
  bake();
  const told = JSON.parse(readFileSync(join(disk, "etc/hailstack/image.json"), "utf8"));
  const inventory = readFileSync(join(checkout, "packer/scripts/inventory.py"), "utf8");

  for (const key of Object.keys(told)) expect(inventory).toContain(`"${key}": `);
  expect(told).toMatchObject({ bundle: "b1", build: "0123456789abcdef" });
  expect(readFileSync(join(disk, "usr/share/hailstack/stages.tsv"), "utf8").trim().split("\n")).toHaveLength(
    stages.length,
  );
});
