/** `bundle list` and `bundle show`, as processes: the answer is made of files alone. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";
import { openProcesses, type Ran } from "../support/processes.ts";

const folder = mkdtempSync(join(tmpdir(), "hailstack-bundle-"));
const processes = openProcesses(join(checkout, "src/main.ts"), folder);
afterAll(async () => {
  await processes.stop();
  rmSync(folder, { recursive: true, force: true });
});
const bundle = (args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  processes.start(["bundle", ...args], { PATH: process.env["PATH"] ?? "", HOME: folder, ...env }).ended;
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const old = "hail-0.2.136-gnomad-3.0.4-r1";
const newest = "hail-0.2.137-gnomad-3.0.4-r2";
const hash = "0123456789abcdef".repeat(4);
const site = file(
  "site.toml",
  `[default]\nbundle = "site-1"\n[bundle."site-1"]\nhail = "0.2.138"\nspark = "3.5.7"\nhadoop = "3.4.2"\njava = "17"\npython = "3.12"\nscala = "2.12.18"\ngnomad = "4.1"\nstatus = "deprecated"\nlock = "ours.txt"\nartifacts = ["mine", "hadoop-aws-3.3.4"]\n[artifact.mine]\nname = "hadoop"\nversion = "3.4.2"\npath = "h.tar.gz"\nsha256 = "${hash}"\n`,
);
const config = file(
  "c.toml",
  `[cluster]\nname = "c1"\nmaster_flavour = "m1"\nbundles_file = "site.toml"\nbundle = "site-1"\n[packer]\nbase_image = "i"\nartifact_mirror = "https://ann:p%40ss-canary@mirror.example.org/files"\n`,
);

test("list shows the contract's bundles, and which is the default, without any file", async () => {
  const { code, stdout, stderr } = await bundle(["list"]);

  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
    ["ID", "HAIL", "SPARK", "HADOOP", "JAVA", "PYTHON", "GNOMAD", "STATUS"],
    [old, "0.2.136", "3.5.4", "3.4.0", "11", "3.12", "3.0.4", "supported"],
    ["hail-0.2.137-gnomad-3.0.4-r1", "0.2.137", "3.5.4", "3.4.0", "11", "3.12", "3.0.4", "supported"],
    [newest, "0.2.137", "3.5.6", "3.4.1", "11", "3.12", "3.0.4", "latest, default"],
    [""],
  ]);
});

test.for([
  { by: "HAILSTACK_BUNDLES", args: [], env: { HAILSTACK_BUNDLES: site } },
  { by: "the config", args: ["--config", config], env: {} },
])("a site's bundles are among them, named by $by", async ({ args, env }) => {
  const { code, stdout } = await bundle(["list", "--json", ...args], env);
  const answer = JSON.parse(stdout);

  expect([code, answer.default]).toEqual([0, "site-1"]);
  expect(answer.bundles).toHaveLength(4);
  expect(answer.bundles.at(-1)).toEqual({
    id: "site-1",
    hail: "0.2.138",
    spark: "3.5.7",
    hadoop: "3.4.2",
    java: "17",
    python: "3.12",
    gnomad: "4.1",
    status: "deprecated",
    default: true,
  });
});

test("show tells everything of the default bundle, with the places of its artefacts", async () => {
  const { code, stdout, stderr } = await bundle(["show"]);

  expect([code, stderr]).toEqual([0, ""]);
  for (const line of [
    `bundle  ${newest}`,
    "status  latest, default",
    `image   hailstack-${newest}`,
    "scala   2.12.18",
    "gnomad  3.0.4 (data), 0.9.1 (Python package)",
    `lock    ${newest}.txt`,
    "hadoop 3.4.1",
    "  https://archive.apache.org/dist/hadoop/common/hadoop-3.4.1/hadoop-3.4.1.tar.gz",
    "  Maven: org.apache.hadoop:hadoop-aws:3.3.4",
  ]) {
    expect(stdout.split("\n")).toContain(line);
  }
});

test("with a config it is the config's bundle, its mirror comes first, and the mirror's password is not shown", async () => {
  const { code, stdout, stderr } = await bundle(["show", "--config", config]);

  expect(code).toBe(0);
  expect(stderr).toContain("warning[bundle-deprecated]: bundle site-1 is deprecated");
  expect(stdout).toContain("status  deprecated, default");
  expect(stdout).toContain(
    `hadoop 3.4.2\n  sha256 ${hash}\n  https://***@mirror.example.org/files/h.tar.gz\n\nhadoop-aws`,
  );
  expect(stdout).toContain(
    "  https://***@mirror.example.org/files/org/apache/hadoop/hadoop-aws/3.3.4/hadoop-aws-3.3.4.jar",
  );
  expect(stdout + stderr).not.toContain("canary");
});

test("an artefact that only a mirror has is shown as such", async () => {
  expect((await bundle(["show", "site-1"], { HAILSTACK_BUNDLES: site })).stdout).toContain(
    `hadoop 3.4.2\n  sha256 ${hash}\n  only from packer.artifact_mirror\n`,
  );
});

test("--json is one line with all of it", async () => {
  const { stdout } = await bundle(["show", "site-1", "--json", "--config", config]);

  expect(stdout.trimEnd()).not.toContain("\n");
  expect(JSON.parse(stdout)).toMatchObject({
    id: "site-1",
    image: "hailstack-site-1",
    default: true,
    lock: "ours.txt",
    gnomad_package: "0.9.1",
    artifacts: [
      {
        id: "mine",
        name: "hadoop",
        algorithm: "sha256",
        hash,
        urls: ["https://***@mirror.example.org/files/h.tar.gz"],
      },
      { id: "hadoop-aws-3.3.4", maven: "org.apache.hadoop:hadoop-aws:3.3.4", urls: [expect.stringMatching(/\.jar$/)] },
    ],
  });
  expect(stdout).not.toContain("canary");
});

test.for([
  {
    when: "there is no such bundle",
    args: ["show", "hail-9"],
    says: `error[bundle-not-found]: Bundle 'hail-9' not found. Available bundle IDs: ${old}, `,
  },
  { when: "the id is none", args: ["show", "$(id)"], says: "error[config-bundle-id]: '$(id)' must be a bundle id" },
  {
    when: "--all stands beside an id",
    args: ["verify", old, "--all"],
    says: "error[usage]: --all and the id of a bundle",
  },
  { when: "the config is not there", args: ["list", "--config", "none.toml"], says: "none.toml" },
  { when: "the .env file is not there", args: ["list", "--dotenv", "none.env"], says: "none.env" },
])("it ends with 2 when $when", async ({ args, says }) => {
  const { code, stdout, stderr } = await bundle(args);

  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(says);
});

test("every fault of a site's file comes at once, with its place", async () => {
  const text = '[bundle.b]\nstatus = "new"\nartifacts = ["none"]\n[artifact.a]\nname = "hadoop"\n';
  const { code, stderr } = await bundle(["list"], { HAILSTACK_BUNDLES: file("bad.toml", text) });

  expect(code).toBe(2);
  for (const slug of ["config-choice", "artifact-not-found", "artifact-checksum", "config-missing"]) {
    expect(stderr).toMatch(new RegExp(`error\\[${slug}\\]: .*bad\\.toml:\\d+:\\d+`));
  }
});
