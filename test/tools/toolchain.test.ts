import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  findTools,
  pluginProtocol,
  requireTools,
  toolchainCache,
  type ToolchainPlaces,
} from "../../src/tools/toolchain.ts";
import type { Env } from "../../src/world.ts";
import { refusalOf } from "../support/errors.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "hailstack-tools-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that does this when it is run; its path. */
function program(place: string, name: string, script: string, mode = 0o755): string {
  mkdirSync(join(folder, place), { recursive: true });
  const path = join(folder, place, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, mode);
  return path;
}
const pulumi = (place: string, version = "3.257.0") => program(place, "pulumi", `echo v${version}`);
const plugin = (place: string, version = "3.15.2") => program(place, "pulumi-resource-openstack", `echo ${version}`);
const places = (env: Env = {}): ToolchainPlaces => ({
  env: { PATH: [join(folder, "path1"), join(folder, "path2"), "/usr/bin", "/bin"].join(":"), ...env },
  besideExecutable: join(folder, "beside"),
  cache: join(folder, "cache"),
  patienceMs: 5_000,
});
const find = async (env: Env = {}) => {
  const [tool] = await findTools(places(env), ["pulumi"]);
  if (!tool) throw new Error("no answer about pulumi");
  return tool;
};

describe("a program is taken from the first of its places", () => {
  const order = [
    ["given", "HAILSTACK_TOOLCHAIN"],
    ["beside", "beside hailstack"],
    ["beside/toolchain", "beside hailstack"],
    ["cache", "cache"],
    ["path1", "PATH"],
    ["path2", "PATH"],
  ] as const;

  test.for(order.map((_, index) => index))("the places from number %i on have it", async (first) => {
    for (const [place] of order.slice(first)) pulumi(place);
    const [place, source] = order[first] ?? ["", ""];
    expect(await find(first === 0 ? { HAILSTACK_TOOLCHAIN: join(folder, "given") } : {})).toEqual({
      name: "pulumi",
      wanted: ">= 3.256.0",
      path: join(folder, place ?? "", "pulumi"),
      source,
      version: "3.257.0",
    });
  });
});

test("a setting that leads nowhere is not passed over for what PATH has", async () => {
  pulumi("path1");
  const { path, problem } = await find({ HAILSTACK_TOOLCHAIN: join(folder, "nowhere") });
  expect(path).toBeUndefined();
  expect(problem).toEqual({
    slug: "tool-missing",
    message: `Pulumi CLI not found: looked in HAILSTACK_TOOLCHAIN=${join(folder, "nowhere")}`,
    where: "pulumi",
    fix: "run 'npm run setup' in a checkout of hailstack, or set HAILSTACK_TOOLCHAIN to the folder that holds it",
  });
});

test("an empty setting is none", async () => {
  pulumi("cache");
  expect((await find({ HAILSTACK_TOOLCHAIN: "" })).source).toBe("cache");
});

test("a relative setting becomes a path that holds from everywhere", async () => {
  pulumi("given");
  const { path } = await find({ HAILSTACK_TOOLCHAIN: relative(process.cwd(), join(folder, "given")) });
  expect(path).toBe(join(folder, "given/pulumi"));
});

test("without it, every place that was looked at is named", async () => {
  expect((await find()).problem?.message).toBe(
    `Pulumi CLI not found: looked in ${join(folder, "beside")}, ${join(folder, "cache")} and PATH`,
  );
  expect((await find({ PATH: undefined })).problem?.slug).toBe("tool-missing");
});

test("a PATH entry that depends on where one stands is not searched", async () => {
  pulumi("here");
  const { problem } = await find({ PATH: `:.:${relative(process.cwd(), join(folder, "here"))}` });
  expect(problem?.slug).toBe("tool-missing");
});

test.for([
  ["is not executable", () => program("path1", "pulumi", "echo v3.257.0", 0o644)],
  ["is a folder", () => mkdirSync(join(folder, "path1/pulumi"), { recursive: true })],
] as const)("what %s is no program, and the next place is searched", async ([, make]) => {
  make();
  pulumi("path2");
  expect((await find()).path).toBe(join(folder, "path2/pulumi"));
});

test.for(["3.256.0", "3.256.1", "3.1000.0"])("pulumi %s is good enough", async (version) => {
  pulumi("path1", version);
  expect(await find()).toMatchObject({ version });
  expect(await find()).not.toHaveProperty("problem");
});

test.for(["3.255.9", "3.99.0", "2.999.0", "4.0.0"])("pulumi %s is refused", async (version) => {
  const path = pulumi("path1", version);
  expect((await find()).problem).toEqual({
    slug: "tool-unusable",
    message: `${path} cannot be used: version ${version}, wanted >= 3.256.0`,
    where: "pulumi",
    fix: "run 'npm run setup' in a checkout of hailstack, or point HAILSTACK_TOOLCHAIN at a folder with pulumi 3.256.0",
  });
});

test.for([
  ["3.15.2", true],
  ["3.15.1", false],
  ["3.15.3", false],
] as const)("the plugin must be exactly the one the types are of: %s is %s", async ([version, good]) => {
  const path = plugin("path1", version);
  const [tool] = await findTools(places(), ["pulumi-resource-openstack"]);
  expect(tool?.problem?.message).toBe(good ? undefined : `${path} cannot be used: version ${version}, wanted 3.15.2`);
});

test.for([
  ["packer", "Packer v1.11.0", true],
  ["packer", "Packer v1.14.2\n\nYour version of Packer is out of date! The latest version\nis 9.9.9.", true],
  ["packer", "Packer v1.10.9", false],
  ["packer", "Packer v2.0.0", false],
  ["packer-plugin-openstack", '{"version":"1.1.2","sdk_version":"0.5.2","api_version":"x5.0"}', true],
  ["packer-plugin-openstack", '{"version":"1.1.1","sdk_version":"9.9.9","api_version":"x5.0"}', false],
] as const)("%s that says %s fits: %s", async ([name, says, good]) => {
  program("path1", name, `cat <<'END'\n${says}\nEND`);
  const [tool] = await findTools(places(), [name]);
  expect(tool).toMatchObject({ neededBy: "build-image", source: "PATH" });
  expect(tool?.problem?.slug).toBe(good ? undefined : "tool-unusable");
});

test("Packer that is missing is what 'npm run toolchain' makes", async () => {
  const { problems } = await refusalOf(requireTools(places(), ["packer", "packer-plugin-openstack"]));
  const looked = `looked in ${join(folder, "beside")}, ${join(folder, "cache")} and PATH`;
  expect(problems.map(({ message }) => message)).toEqual([
    `Packer not found: ${looked}`,
    `packer-plugin-openstack not found: ${looked}`,
  ]);
  expect(problems.map(({ fix }) => fix).join()).toMatch(/^run 'npm run toolchain' .*,run 'npm run toolchain' /);
});

test("the plugin tells which protocol it speaks", async () => {
  const says = (text: string) => program("path1", text, `echo '${text}'`);
  expect(await pluginProtocol(places(), says('{"version":"1.1.2","api_version":"x5.1"}'))).toBe("x5.1");
  const { problems } = await refusalOf(pluginProtocol(places(), says("version 1.1.2")));
  expect(problems[0]?.slug).toBe("tool-unusable");
});

test("an unfit program is not passed over for a fit one that comes later", async () => {
  const first = pulumi("path1", "3.0.0");
  pulumi("path2");
  expect(await find()).toMatchObject({ path: first, version: "3.0.0", problem: { slug: "tool-unusable" } });
});

test.for([
  ["fails", "exit 3"],
  ["says nothing", "exit 0"],
  ["says something else", "echo usage: pulumi"],
  ["is damaged", "\u0000\u007fELF"],
] as const)("a program that %s does not answer", async ([, script]) => {
  const path = program("path1", "pulumi", script);
  expect((await find()).problem?.message).toBe(`${path} cannot be used: it does not answer 'version'`);
});

test("a program that hangs, and will not be ended, is waited for so long and no longer", async () => {
  const path = program("path1", "pulumi", "trap '' TERM INT HUP\nwhile :; do sleep 1; done");
  const [tool] = await findTools({ ...places(), patienceMs: 200 }, ["pulumi"]);
  expect(tool?.problem?.message).toBe(`${path} cannot be used: it does not answer 'version'`);
});

test("a program that is asked its version gets no secret of ours", async () => {
  program("path1", "pulumi", `env > ${join(folder, "env")}\necho v3.257.0`);
  await find({
    HOME: folder,
    OS_PASSWORD: "canary-1",
    AWS_SECRET_ACCESS_KEY: "canary-2",
    PULUMI_ACCESS_TOKEN: "canary-3",
  });
  const seen = readFileSync(join(folder, "env"), "utf8");
  expect(seen).toContain("PULUMI_SKIP_UPDATE_CHECK=true");
  expect(seen).not.toContain("canary");
});

describe("whoever needs programs", () => {
  test("gets path and version of each", async () => {
    const paths = [pulumi("path1"), plugin("path2")];
    expect(await requireTools(places(), ["pulumi", "pulumi-resource-openstack"])).toEqual({
      pulumi: { path: paths[0], version: "3.257.0" },
      "pulumi-resource-openstack": { path: paths[1], version: "3.15.2" },
    });
  });

  test("is told of all that are missing or unfit at once", async () => {
    pulumi("path1", "3.1.0");
    const { exitCode, problems } = await refusalOf(requireTools(places(), ["pulumi", "pulumi-resource-openstack"]));
    expect([exitCode, problems.map(({ slug, where }) => `${slug} ${where}`)]).toEqual([
      2,
      ["tool-unusable pulumi", "tool-missing pulumi-resource-openstack"],
    ]);
  });
});

test("a checkout builds into the user's cache", () => {
  expect(toolchainCache("/home/ann/.cache/hailstack")).toBe("/home/ann/.cache/hailstack/toolchain/current");
});
