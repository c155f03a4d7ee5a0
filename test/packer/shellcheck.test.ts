/** Every shell program that is committed, before shellcheck: no finding. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";
import { pythonProgram, run } from "./rig.ts";

const isShell = (path: string): boolean =>
  /\.(sh|env)$/.test(path) || /^#!\/bin\/(ba)?sh\b|^# shellcheck shell=/.test(readFileSync(path, "utf8"));
const programsOf = (folder: string): string[] =>
  readdirSync(join(checkout, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter(isShell)
    .map((path) => path.slice(checkout.length + 1))
    .toSorted();

describe.for(["packer", "test/nodes", "test/lab", "test/packer", "test/web"])("%s", (folder) => {
  const programs = programsOf(folder);

  test("has shell programs", () => expect(programs).not.toEqual([]));

  test("no program of it has a finding", async () => {
    const options = [`--rcfile=${join(checkout, "packer/.shellcheckrc")}`, "--format=gcc"];
    const { code, out } = await run(pythonProgram("shellcheck"), [
      ...options,
      ...programs.map((path) => join(checkout, path)),
    ]);
    expect([out, code]).toEqual(["", 0]);
  });
});

test("it is looked at what matters", () => {
  const packer = programsOf("packer");
  for (const path of ["bake", "lib.sh", "scripts/base.sh", "platforms/debian-12.env"])
    expect(packer).toContain(`packer/${path}`);
  expect(packer).toContain("packer/files/services/etc/profile.d/hailstack.sh");
  expect(packer).toContain("packer/files/services/usr/libexec/hailstack/wait-http");
  expect(programsOf("test/nodes")).toEqual(expect.arrayContaining(["test/nodes/nodes", "test/nodes/hadoop-launcher"]));
  expect(programsOf("test/lab")).toContain("test/lab/lab");
});
