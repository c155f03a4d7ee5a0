/** `bundle verify`, as a process against mirrors on loopback. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { readBundles } from "../../src/config/bundles.ts";
import { worldOf } from "../config/world.ts";
import { checkout } from "../support/checkout.ts";
import { startFileServer } from "../support/file-server.ts";
import { openProcesses, type Ran } from "../support/processes.ts";

const folder = mkdtempSync(join(tmpdir(), "hailstack-verify-"));
const processes = openProcesses(join(checkout, "src/main.ts"), folder);
const [mirror, home] = await Promise.all([startFileServer(), startFileServer()]);
afterAll(async () => {
  await processes.stop();
  await Promise.all([mirror.stop(), home.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const tarball = Buffer.alloc(3 * 1_048_576, "tarball");
const jar = Buffer.from("jar");
const digest = (algorithm: string, content: Buffer): string => createHash(algorithm).update(content).digest("hex");
const versions = `hail = "0.2.138"\nspark = "3.5.7"\nhadoop = "3.4.2"\njava = "17"\npython = "3.12"\nscala = "2.12.18"\ngnomad = "4.1"\n`;
writeFileSync(
  join(folder, "site.toml"),
  `[default]
bundle = "both"
[bundle.both]
${versions}status = "supported"
artifacts = ["tarball", "jar"]
[bundle.again]
${versions}status = "deprecated"
artifacts = ["tarball"]
[bundle.private]
${versions}status = "supported"
artifacts = ["private"]
[bundle.none]
${versions}status = "supported"
[artifact.tarball]
name = "hadoop"
version = "3.4.2"
path = "a/h.tar.gz"
homes = ["${home.url}dist/", "${home.url}"]
sha512 = "${digest("sha512", tarball)}"
[artifact.jar]
name = "hadoop-aws"
version = "3.3.4"
path = "b/aws.jar"
maven = "org.example:aws:1"
sha256 = "${digest("sha256", jar)}"
[artifact.private]
name = "jdk"
version = "17"
path = "c/jdk.tar.gz"
sha256 = "${digest("sha256", jar)}"
`,
);
const config = join(folder, "c.toml");
const configure = (packer: string): void =>
  writeFileSync(
    config,
    `[cluster]\nname = "c1"\nmaster_flavour = "m1"\nbundles_file = "site.toml"\n[packer]\nbase_image = "i"\n${packer}`,
  );
beforeEach(() => {
  for (const server of [mirror, home]) {
    server.files.clear();
    server.asked.length = 0;
  }
  configure(`artifact_mirror = "${mirror.urlWith("ann:canary-pass")}"\n`);
});

/** Without a config the site's file is named by the environment. */
async function verify(...args: string[]): Promise<Ran> {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    HAILSTACK_BUNDLES: join(folder, "site.toml"),
    // Nobody listens there: whatever a test forgets, no home in the world is asked.
    HTTPS_PROXY: "http://127.0.0.1:9",
  };
  const ran = await processes.start(["bundle", "verify", ...args], env).ended;
  expect(ran.stdout + ran.stderr).not.toContain("canary");
  return ran;
}
const shown = `http://***@${new URL(mirror.url).host}/`;

test("the mirror is asked first, and what it has is held to the checksum", async () => {
  mirror.files.set("a/h.tar.gz", tarball).set("b/aws.jar", jar);
  const { code, stdout, stderr } = await verify("--config", config);

  expect(code).toBe(0);
  expect(stdout).toBe(
    `ok   hadoop 3.4.2      sha512 as pinned, 3.0 MiB, ${shown}a/h.tar.gz\nok   hadoop-aws 3.3.4  sha256 as pinned, 0.0 MiB, ${shown}b/aws.jar\n`,
  );
  expect(stderr).toMatch(/^hadoop 3\.4\.2: done in [\d.]+s, 3\.0 MiB, [\d.]+ MiB\/s$/m);
  const authorization = `Basic ${Buffer.from("ann:canary-pass").toString("base64")}`;
  expect(mirror.asked).toEqual([
    { path: "a/h.tar.gz", authorization },
    { path: "b/aws.jar", authorization },
  ]);
  expect(home.asked).toEqual([]);
});

test("what the mirror lacks comes from the next home that has it, and what Maven has is not verified; both are told", async () => {
  home.files.set("a/h.tar.gz", tarball);
  const { code, stdout, stderr } = await verify("--config", config);

  expect(code).toBe(0);
  expect(stdout).toBe(
    `ok   hadoop 3.4.2      sha512 as pinned, 3.0 MiB, ${home.url}a/h.tar.gz\n-    hadoop-aws 3.3.4  not verified: the bake fetches it through Maven (org.example:aws:1)\n`,
  );
  expect(home.asked.map(({ path }) => path)).toEqual(["dist/a/h.tar.gz", "a/h.tar.gz"]);
  expect(stderr.match(/warning\[[\w-]+\]: .*/g)).toEqual([
    `warning[download-refused]: the server answered 404 (${mirror.url}a/h.tar.gz)`,
    `warning[download-refused]: the server answered 404 (${home.url}dist/a/h.tar.gz)`,
    `warning[download-refused]: the server answered 404 (${mirror.url}b/aws.jar)`,
    "warning[artifact-not-verified]: hadoop-aws 3.3.4 is fetched through Maven (org.example:aws:1) by the bake, and cannot be verified from here",
  ]);
});

test("a wrong file is told with both checksums and its place, no other place is asked, and it ends with 1", async () => {
  mirror.files.set("a/h.tar.gz", jar).set("b/aws.jar", jar);
  home.files.set("dist/a/h.tar.gz", tarball);
  const { code, stdout, stderr } = await verify("--config", config);

  expect(code).toBe(1);
  expect(stdout).toContain(
    `FAIL hadoop 3.4.2      wrong sha512, 0.0 MiB, ${shown}a/h.tar.gz\n     expected: ${digest("sha512", tarball)}\n     got:      ${digest("sha512", jar)}\n     fix: `,
  );
  expect(stdout).toContain("\nok   hadoop-aws 3.3.4");
  expect(stderr).toMatch(/^hadoop 3\.4\.2: failed after /m);
  expect(home.asked).toEqual([]);
});

test("a file that breaks off is looked for elsewhere", async () => {
  mirror.files.set("a/h.tar.gz", (response) => {
    response.writeHead(200, { "content-length": tarball.length });
    response.write(tarball.subarray(0, 100_000), () => response.destroy());
  });
  home.files.set("dist/a/h.tar.gz", tarball);
  const { code, stdout, stderr } = await verify("again", "--config", config);

  expect(code).toBe(0);
  expect(stdout).toContain(`ok   hadoop 3.4.2  sha512 as pinned, 3.0 MiB, ${home.url}dist/a/h.tar.gz`);
  expect(stderr).toContain("warning[network-reset]");
  expect(stderr).toContain("warning[bundle-deprecated]: bundle again is deprecated");
});

test("what can be had nowhere is told with every place, and it ends with 1", async () => {
  const { code, stdout } = await verify("again");

  expect(code).toBe(1);
  expect(stdout).toBe(
    `FAIL hadoop 3.4.2  it can be had nowhere\n     ${home.url}dist/a/h.tar.gz: the server answered 404\n     ${home.url}a/h.tar.gz: the server answered 404\n     fix: set packer.artifact_mirror to a mirror that has it, and pass --config\n`,
  );
});

test("what only a mirror has fails without one", async () => {
  const { code, stdout } = await verify("private");

  expect(code).toBe(1);
  expect(stdout).toContain("FAIL jdk 17  there is no place to have it from\n     fix: set packer.artifact_mirror");
  mirror.files.set("c/jdk.tar.gz", jar);
  expect((await verify("private", "--config", config)).code).toBe(0);
});

test("--all downloads each artefact once, however many bundles have it", async () => {
  const { all } = await readBundles(worldOf({}));
  const ours = new Map(all.flatMap(({ artifacts }) => artifacts.map(({ id, path }) => [id, path])));
  for (const path of ours.values()) mirror.files.set(path, jar);
  mirror.files.set("a/h.tar.gz", tarball).set("b/aws.jar", jar).set("c/jdk.tar.gz", jar);
  const { code, stdout } = await verify("--all", "--json", "--config", config);
  const { right, artifacts } = JSON.parse(stdout);
  const states = artifacts.map(({ id, state }: { id: string; state: string }) => [id, state]);

  expect([code, right]).toEqual([1, false]);
  expect(Object.fromEntries(states)).toEqual({
    ...Object.fromEntries([...ours.keys()].map((id) => [id, "wrong"])),
    tarball: "right",
    jar: "right",
    private: "right",
  });
  expect(mirror.asked.map(({ path }) => path).sort()).toEqual(
    [...ours.values(), "a/h.tar.gz", "b/aws.jar", "c/jdk.tar.gz"].sort(),
  );
});

test("--json says the same in one line, without the mirror's password", async () => {
  mirror.files.set("a/h.tar.gz", tarball);
  const { code, stdout } = await verify("--json", "--config", config);

  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    {
      right: true,
      artifacts: [
        {
          id: "tarball",
          name: "hadoop",
          version: "3.4.2",
          state: "right",
          algorithm: "sha512",
          expected: digest("sha512", tarball),
          got: digest("sha512", tarball),
          bytes: tarball.length,
          url: `${shown}a/h.tar.gz`,
          troubles: [],
        },
        {
          id: "jar",
          name: "hadoop-aws",
          version: "3.3.4",
          state: "maven",
          algorithm: "sha256",
          expected: digest("sha256", jar),
          maven: "org.example:aws:1",
          troubles: [
            {
              slug: "download-refused",
              message: "the server answered 404",
              where: `${mirror.url}b/aws.jar`,
              fix: "check its address",
            },
          ],
        },
      ],
    },
  ]);
});

test("a bundle without artefacts is verified at once", async () => {
  expect(await verify("none")).toMatchObject({ code: 0, stdout: "none: no artefacts are listed.\n" });
});

test("an authority's file that cannot be read ends it with 2, and nothing is asked", async () => {
  configure(`artifact_mirror = "${mirror.url}"\nca_file = "none.pem"\n`);
  const { code, stderr } = await verify("--config", config);

  expect(code).toBe(2);
  expect(stderr).toContain(
    `error[cacert-unreadable]: cannot read the certificate authority ${join(folder, "none.pem")}`,
  );
  expect([...mirror.asked, ...home.asked]).toEqual([]);
});
