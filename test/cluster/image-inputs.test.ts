import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { imageInputs, type ImageSettings } from "../../src/cluster/image-inputs.ts";
import type { Artifact } from "../../src/config/artifacts.ts";
import { bundle } from "../support/plans.ts";

const hash = "0123456789abcdef".repeat(4);
const hadoop: Artifact = {
  id: "hadoop-3.4.1",
  name: "hadoop",
  version: "3.4.1",
  path: "hadoop/hadoop-3.4.1.tar.gz",
  homes: ["https://a.example.org/", "https://b.example.org/dist/"],
  algorithm: "sha512",
  hash: hash + hash,
};
const jar: Artifact = {
  id: "hadoop-aws-3.3.4",
  name: "hadoop-aws",
  version: "3.3.4",
  path: "org/hadoop-aws-3.3.4.jar",
  homes: [],
  maven: "org.apache.hadoop:hadoop-aws:3.3.4",
  algorithm: "sha256",
  hash,
};
const pinned = { ...bundle, artifacts: [hadoop, jar] };
const settings: ImageSettings = {
  loginUser: "ubuntu",
  toolVersion: "0.1.0",
  baseImageId: "1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11",
  buildId: "b1",
  scriptsDigest: hash,
  builtAt: "2026-01-02T03:04:05Z",
  mirrors: { artifact_mirror: "", apt_mirror: "", pypi_index: "" },
  proxy: { url: "", noProxy: "" },
  lock: "hail==0.2.137 --hash=sha256:00\n",
};
const inputs = (more: Partial<ImageSettings> = {}) => imageInputs(pinned, { ...settings, ...more });
const textOf = (path: string, more?: Partial<ImageSettings>): string => inputs(more)[path]?.content ?? "";

/** What a shell has after it has read the file: each variable that the file names, by `printf`. */
function sourced(content: string): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-env-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "x.env"), content);
  const names = [...content.matchAll(/^(\w+)=/gm)].map(([, name = ""]) => name);
  const script = ["set -eu", ". ./x.env", ...names.map((name) => `printf '%s\\0' "$${name}"`)].join("\n");
  const values = execFileSync("sh", ["-c", script], { cwd: folder, encoding: "utf8", env: {} }).split("\0");
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
}

test("a shell reads the bundle's versions and where the image comes from", () => {
  expect(sourced(textOf("bundle.env"))).toEqual({
    BUNDLE_ID: "hail-0.2.137-gnomad-3.0.4-r2",
    HAIL_VERSION: "0.2.137",
    SPARK_VERSION: "3.5.6",
    HADOOP_VERSION: "3.4.1",
    JAVA_VERSION: "11",
    PYTHON_VERSION: "3.12",
    SCALA_VERSION: "2.12.18",
    GNOMAD_PACKAGE_VERSION: "0.9.1",
    LOGIN_USER: "ubuntu",
    TOOL_VERSION: "0.1.0",
    BASE_IMAGE_ID: settings.baseImageId,
    BUILD_ID: "b1",
    SCRIPTS_DIGEST: hash,
    BUILT_AT: "2026-01-02T03:04:05Z",
  });
});

test("network.env has every name, blank where nothing is set", () => {
  expect(textOf("network.env")).toBe("HTTP_PROXY_URL=''\nNO_PROXY_HOSTS=''\nAPT_MIRROR=''\nPYPI_INDEX=''\n");
  const mirrors = { artifact_mirror: "", apt_mirror: "http://m/ubuntu/", pypi_index: "https://m/simple" };
  const proxy = { url: "http://ann:p%27w@proxy:3128", noProxy: "localhost,.example.org" };

  expect(sourced(textOf("network.env", { mirrors, proxy }))).toEqual({
    HTTP_PROXY_URL: "http://ann:p%27w@proxy:3128",
    NO_PROXY_HOSTS: "localhost,.example.org",
    APT_MIRROR: "http://m/ubuntu/",
    PYPI_INDEX: "https://m/simple",
  });
});

test("artifacts has a line for each, with the places in the order they are tried", () => {
  expect(
    textOf("artifacts")
      .split("\n")
      .map((line) => line.split("\t")),
  ).toEqual([
    [
      "hadoop",
      "3.4.1",
      "sha512",
      hash + hash,
      "-",
      "https://a.example.org/hadoop/hadoop-3.4.1.tar.gz",
      "https://b.example.org/dist/hadoop/hadoop-3.4.1.tar.gz",
    ],
    ["hadoop-aws", "3.3.4", "sha256", hash, "org.apache.hadoop:hadoop-aws:3.3.4"],
    [""],
  ]);
  const mirrors = { ...settings.mirrors, artifact_mirror: "https://ann:pw@m/x/" };
  const lines = textOf("artifacts", { mirrors }).trimEnd().split("\n");

  expect(lines.map((line) => line.split("\t")[5])).toEqual([
    "https://ann:pw@m/x/hadoop/hadoop-3.4.1.tar.gz",
    "https://ann:pw@m/x/org/hadoop-aws-3.3.4.jar",
  ]);
});

test("the lock and the authority are handed on as they are, the authority only where there is one", () => {
  expect(textOf("requirements.lock")).toBe(settings.lock);
  expect(Object.keys(inputs())).not.toContain("ca.pem");
  expect(inputs({ ca: "-----BEGIN CERTIFICATE-----\n" })["ca.pem"]?.content).toBe("-----BEGIN CERTIFICATE-----\n");
});

test("what may hold a password is root's alone", () => {
  const closed = Object.entries(inputs({ ca: "x" })).flatMap(([path, { mode }]) => (mode === 0o600 ? [path] : []));

  expect(closed.sort()).toEqual(["artifacts", "network.env"]);
});

test.for(["$(touch x)", "`touch x`", "$HOME", "a\\", "a b", 'a"b', "; exit 1", "#x", "!!", "~", "ünal"])(
  "a shell reads %s as it is",
  (value) => {
    expect(sourced(textOf("network.env", { proxy: { url: value, noProxy: value } }))).toMatchObject({
      HTTP_PROXY_URL: value,
      NO_PROXY_HOSTS: value,
    });
  },
);

const refusal = "holds a character that no input of a bake may hold";
test.for(["'; touch x; '", "a\nB=1", "a\rb", "a\tb", "a\u0000b", "a\u007fb"])("%j never gets into a file", (value) => {
  const proxy = { url: `http://canary:${value}@p`, noProxy: "" };
  const mirrors = { ...settings.mirrors, artifact_mirror: value };

  expect(() => inputs({ proxy })).toThrow(`HTTP_PROXY_URL ${refusal}`);
  expect(() => inputs({ mirrors })).toThrow(`hadoop-3.4.1 ${refusal}`);
  expect(() => inputs({ loginUser: value })).toThrow(`LOGIN_USER ${refusal}`);
  expect(() => imageInputs({ ...bundle, hail: value }, settings)).toThrow(`HAIL_VERSION ${refusal}`);
});
