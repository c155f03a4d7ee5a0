/** What an image says of itself: image.json, and the list of all that is inside. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { imageInputs } from "../../src/cluster/image-inputs.ts";
import { bundle } from "../support/plans.ts";
import { canOverlay, inOverlay, kit, layFiles, run, tellSkipped, temporaryFolder } from "./rig.ts";

test("the bake's Python programs are Python", async () => {
  const programs = readdirSync(join(kit, "scripts")).filter((name) => name.endsWith(".py"));
  expect(programs.toSorted()).toEqual(["inventory.py", "self-test.py"]);
  const compile = "import sys\nfor path in sys.argv[1:]: compile(open(path).read(), path, 'exec')";
  const ran = await run("python3", ["-c", compile, ...programs.map((name) => join(kit, "scripts", name))]);
  expect([ran.code, ran.out]).toEqual([0, ""]);
});

type Component = {
  type: string;
  name: string;
  version: string;
  "bom-ref": string;
  purl: string;
  hashes?: { alg: string; content: string }[];
  evidence?: { occurrences: { location: string }[] };
};

const hash = "0123456789abcdef".repeat(8);
const settings = {
  loginUser: "ubuntu",
  toolVersion: "0.1.0",
  baseImageId: "base-1",
  buildId: "b1",
  scriptsDigest: "d".repeat(64),
  builtAt: "2026-01-02T03:04:05Z",
  mirrors: { artifact_mirror: "", apt_mirror: "", pypi_index: "" },
  proxy: { url: "", noProxy: "" },
  lock: "",
};
const pinned = [
  { id: "h", name: "hadoop", version: "3.4.1", path: "h", homes: [], algorithm: "sha512", hash },
  { id: "j", name: "jdk", version: "11.0.32+9", path: "j", homes: [], algorithm: "sha256", hash: hash.slice(64) },
] as const;
const jars = {
  "hadoop/share/hadoop/common/lib/jackson-core-2.12.7.1.jar": "jackson",
  "hadoop/share/hadoop/common/unversioned.jar": "nameless",
  "spark/jars/scala-library-2.12.18.jar": "scala",
  "spark/jars/readme.txt": "not a jar",
};

tellSkipped("inventory.test.ts");
const hasDpkg = existsSync("/usr/bin/dpkg-query");
if (!hasDpkg) process.stderr.write("inventory.test.ts: the inventory is skipped: this machine has no dpkg\n");

async function inventory() {
  const inputs = imageInputs({ ...bundle, artifacts: pinned }, settings);
  const put = {
    "/k": kit,
    "/i": layFiles(
      temporaryFolder(),
      Object.fromEntries(Object.entries(inputs).map(([path, file]) => [path, file.content])),
    ),
    "/t": layFiles(temporaryFolder(), jars),
  };
  const script = `mkdir -p /etc/hailstack /usr/share/hailstack; ln -s /t/hadoop /hadoop; cd /
    "$(command -v python3)" /k/scripts/inventory.py /i debian-12 /hadoop /t/spark; dpkg-query -W | wc -l`;
  const { code, out, read } = await inOverlay(["bash", "-c", script], { put });
  if (code !== 0) throw new Error(out);
  const image: Record<string, unknown> = JSON.parse(read("/etc/hailstack/image.json") ?? "");
  const sbom = JSON.parse(read("/usr/share/hailstack/sbom.cdx.json") ?? "");
  return { image, sbom, components: sbom.components as Component[], packages: Number(out.trim()) };
}

describe.skipIf(!canOverlay || !hasDpkg)("the inventory", () => {
  test("says which bundle, build, base image and scripts an image is of", async () => {
    const { image, components } = await inventory();
    expect(image).toEqual({
      bundle: bundle.id,
      build: "b1",
      built_at: settings.builtAt,
      platform: "debian-12",
      base_image: "base-1",
      hailstack: "0.1.0",
      scripts_digest: settings.scriptsDigest,
      login_user: "ubuntu",
      versions: {
        hail: bundle.hail,
        spark: bundle.spark,
        hadoop: bundle.hadoop,
        java: bundle.java,
        python: bundle.python,
        scala: bundle.scala,
        gnomad_package: bundle.gnomad_package,
      },
      kernel: expect.stringMatching(/^\d/),
      components: components.length,
    });
  });

  test("lists everything as CycloneDX 1.5 wants it", async () => {
    const { sbom, components, packages } = await inventory();

    expect(sbom).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.5", version: 1 });
    expect(sbom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(sbom.metadata).toEqual({
      timestamp: settings.builtAt,
      tools: { components: [{ type: "application", name: "hailstack", version: "0.1.0" }] },
      component: { type: "operating-system", name: `hailstack-${bundle.id}`, version: "b1" },
    });
    expect(components.filter(({ type, name, "bom-ref": ref }) => type !== "library" || !name || !ref)).toEqual([]);
    expect(new Set(components.map(({ "bom-ref": ref }) => ref)).size).toBe(components.length);
    expect(
      components.filter(({ purl }) => !/^pkg:(deb\/debian|pypi|generic)\/[^@\s]+(@[^@\s?]+)?(\?arch=\w+)?$/.test(purl)),
    ).toEqual([]);
    const lengths: Record<string, number> = { "SHA-256": 64, "SHA-512": 128 };
    const hashes = components.flatMap(({ hashes = [] }) => hashes);
    expect(
      hashes.filter(({ alg, content }) => !/^[0-9a-f]+$/.test(content) || content.length !== lengths[alg]),
    ).toEqual([]);
    const ofDebian = components.filter(({ purl }) => purl.startsWith("pkg:deb/"));
    expect(ofDebian.length).toBeGreaterThan(50);
    expect(ofDebian.length).toBeLessThanOrEqual(packages);
  });

  test("finds each jar by its place, with version and digest, and each artefact as it was pinned", async () => {
    const { components } = await inventory();
    const byRef = new Map(components.map((each) => [each["bom-ref"], each]));
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

    const jackson = "/t/hadoop/share/hadoop/common/lib/jackson-core-2.12.7.1.jar";
    expect(byRef.get(jackson)).toEqual({
      type: "library",
      "bom-ref": jackson,
      name: "jackson-core",
      version: "2.12.7.1",
      purl: "pkg:generic/jackson-core@2.12.7.1",
      hashes: [{ alg: "SHA-256", content: sha256("jackson") }],
      evidence: { occurrences: [{ location: jackson }] },
    });
    expect(byRef.get("/t/hadoop/share/hadoop/common/unversioned.jar")?.purl).toBe("pkg:generic/unversioned");
    expect(byRef.get("/t/spark/jars/scala-library-2.12.18.jar")?.version).toBe("2.12.18");
    expect([...byRef.keys()].filter((ref) => ref.startsWith("/t/"))).toHaveLength(3);
    expect(byRef.get("artifact:jdk")).toMatchObject({ version: "11.0.32+9", purl: "pkg:generic/jdk@11.0.32%2B9" });
    expect(byRef.get("artifact:hadoop")?.hashes).toEqual([{ alg: "SHA-512", content: hash }]);
  });
});
