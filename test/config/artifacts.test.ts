import { expect, test } from "vitest";
import { type Artifact, artifactNames, artifactUrls } from "../../src/config/artifacts.ts";
import { readBundles } from "../../src/config/bundles.ts";
import { problemsOf, smallest, worldOf } from "./world.ts";

const hash = "0123456789abcdef".repeat(4);
const bundle = (id: string, artifacts?: string): string =>
  `[bundle."${id}"]\nhail = "0.2.138"\nspark = "3.5.7"\nhadoop = "3.4.1"\njava = "17"\npython = "3.12"\nscala = "2.12.18"\ngnomad = "4.1"\nstatus = "supported"\n${artifacts === undefined ? "" : `artifacts = ${artifacts}\n`}`;
/** Seven lines. */
const artifact = (id: string, changes: Readonly<Record<string, string>> = {}): string => {
  const keys = {
    name: '"hadoop"',
    version: '"3.4.2"',
    path: '"a/b.tar.gz"',
    homes: "[]",
    sha256: `"${hash}"`,
    ...changes,
  };
  const lines = Object.entries(keys).map(([key, value]) => `${key} = ${value}\n`);
  return `[artifact."${id}"]\n${lines.filter((line) => !line.endsWith("= \n")).join("")}`;
};
const site = async (text: string, id = "s-1") =>
  (await readBundles(worldOf({ "s.toml": text }), "s.toml")).all.find((each) => each.id === id);

test("every shipped bundle has one file of each name, for its own Hadoop, Java and Python", async () => {
  const { all } = await readBundles(worldOf({}));

  for (const { artifacts, hadoop, java, python } of all) {
    const versions = Object.fromEntries(artifacts.map(({ name, version }) => [name, version]));
    expect(Object.keys(versions).sort()).toEqual([...artifactNames].sort());
    expect(versions["hadoop"]).toBe(hadoop);
    expect(versions["jdk"]?.split(".")[0]).toBe(java);
    expect(versions["python"]).toMatch(new RegExp(`^${python}\\.\\d+$`));
  }
});

test("every shipped artefact comes from its project's home or through Maven, and its file is called after its version", async () => {
  const { all } = await readBundles(worldOf({}));
  const shipped = all.flatMap(({ artifacts }) => artifacts);

  for (const { version, path, homes, maven, algorithm, hash } of shipped) {
    expect(homes.length > 0).toBe(maven === undefined);
    expect(path.split("/").at(-1)).toContain(version.replace("+", "_"));
    expect(homes.filter((home) => !/^https:\/\/.+\/$/.test(home))).toEqual([]);
    expect(hash).toHaveLength(algorithm === "sha512" ? 128 : 64);
  }
  const maven = shipped.flatMap((each) => (each.maven === undefined ? [] : [[each.maven, each.path]]));
  for (const [coordinates = "", path] of maven) {
    const [group = "", name = "", version = ""] = coordinates.split(":");
    expect(path).toBe(`${group.replaceAll(".", "/")}/${name}/${version}/${name}-${version}.jar`);
  }
});

test("a site's bundle names artefacts of its own file and of ours, and a lock", async () => {
  const text = bundle("s-1", '["mine", "jdk-11.0.32"]\nlock = "other.txt"') + artifact("mine");
  const found = await site(text);

  expect(found).toMatchObject({ lock: "other.txt" });
  expect(found?.artifacts).toEqual([
    { id: "mine", name: "hadoop", version: "3.4.2", path: "a/b.tar.gz", homes: [], algorithm: "sha256", hash },
    expect.objectContaining({ id: "jdk-11.0.32", name: "jdk", version: "11.0.32+9" }),
  ]);
});

test("a bundle lists no artefacts unless it says so", async () => {
  expect(await site(bundle("s-1"))).toMatchObject({ artifacts: [], lock: "s-1.txt" });
});

test("a site's artefact replaces ours of the same id, in our bundles too", async () => {
  const text = artifact("hadoop-3.4.1", { homes: '["https://files.example.org/x"]' });
  const newest = await site(text, "hail-0.2.137-gnomad-3.0.4-r2");

  expect(newest?.artifacts[0]).toMatchObject({ id: "hadoop-3.4.1", homes: ["https://files.example.org/x"], hash });
});

test("sha512 is taken as well, and Maven coordinates instead of homes", async () => {
  const changes = { name: '"hadoop-aws"', homes: "", maven: '"a.b:c-d:1.2"', sha256: "", sha512: `"${hash}${hash}"` };

  expect((await site(bundle("s-1", '["m"]') + artifact("m", changes)))?.artifacts).toMatchObject([
    { algorithm: "sha512", hash: hash + hash, maven: "a.b:c-d:1.2", homes: [] },
  ]);
});

test.for<{ mirror: string; homes: Artifact["homes"]; urls: string[] }>([
  { mirror: "", homes: [], urls: [] },
  { mirror: "http://m", homes: [], urls: ["http://m/x/y.jar"] },
  {
    mirror: "https://u:p@m/files/",
    homes: ["https://a/", "https://b/dist"],
    urls: ["https://u:p@m/files/x/y.jar", "https://a/x/y.jar", "https://b/dist/x/y.jar"],
  },
])("with mirror '$mirror' and homes $homes it is tried at $urls", ({ mirror, homes, urls }) => {
  expect(artifactUrls({ path: "x/y.jar", homes }, mirror)).toEqual(urls);
});

const given = (changes: Readonly<Record<string, string>>) => artifact("a", changes);
test.for([
  { when: "its id is hostile", text: artifact("a b"), problems: ["1:2 artifact-id"] },
  { when: "its id is __proto__", text: artifact("__proto__"), problems: ["1:2 artifact-id"] },
  { when: "its name is none of a bake", text: given({ name: '"hadop"' }), problems: ["2:8 config-choice"] },
  { when: "it has no name", text: given({ name: "" }), problems: ["1:2 config-missing"] },
  { when: "its version is hostile", text: given({ version: '"1; id"' }), problems: ["3:11 bundle-version"] },
  ...["/a", "../a", "a/../b", "a//b", "a/", "a/%2e%2e/b", "a b", "a\\tb", "a'b", "a?b", "a#b", "", "."].map((path) => ({
    when: `its path is '${path}'`,
    text: given({ path: `"${path}"` }),
    problems: ["4:8 artifact-path"],
  })),
  ...["ftp://a/", "https://u:secret@a/", "https://a/?x", "https://a/#x", "https://a/../b", "a/b", "https://a b/"].map(
    (home) => ({
      when: `a home is '${home}'`,
      text: given({ homes: `["${home}"]` }),
      problems: ["5:10 artifact-home"],
    }),
  ),
  { when: "its maven is a URL", text: given({ maven: '"https://a/b"' }), problems: ["7:9 artifact-maven"] },
  {
    when: "it has both homes and maven",
    text: given({ homes: '["https://a/"]', maven: '"a:b:1"' }),
    problems: ["7:9 artifact-maven"],
  },
  { when: "it has no checksum", text: given({ sha256: "" }), problems: ["1:2 artifact-checksum"] },
  { when: "it has both checksums", text: given({ sha512: `"${hash}${hash}"` }), problems: ["6:10 artifact-checksum"] },
  { when: "its checksum is short", text: given({ sha256: '"abc"' }), problems: ["6:10 artifact-checksum"] },
  {
    when: "its checksum is in capitals",
    text: given({ sha256: `"${hash.toUpperCase()}"` }),
    problems: ["6:10 artifact-checksum"],
  },
  { when: "a key is unknown", text: given({ url: '"x"' }), problems: ["7:1 config-unknown-key"] },
  {
    when: "a bundle names none there is",
    text: bundle("s", '["jdk-11.0.33"]'),
    problems: ["10:14 artifact-not-found"],
  },
  { when: "a bundle's list is a text", text: bundle("s", '"x"'), problems: ["10:13 config-wrong-type"] },
  {
    when: "a bundle's entry is hostile",
    text: bundle("s", '["a", "$(id)"]') + given({}),
    problems: ["10:19 artifact-id"],
  },
  {
    when: "a bundle names two of one name",
    text: bundle("s", '["a", "jdk-11.0.32", "hadoop-3.4.1"]') + given({}),
    problems: ["10:34 artifact-twice"],
  },
  { when: "a bundle names one twice", text: bundle("s", '["a", "a"]') + given({}), problems: ["10:19 artifact-twice"] },
  { when: "a lock leads elsewhere", text: bundle("s", '[]\nlock = "../x.txt"'), problems: ["11:8 bundle-lock"] },
  {
    when: "ours is given another name",
    text: artifact("jdk-11.0.32"),
    problems: ["2:8 artifact-renamed"],
  },
  {
    when: "all is wrong at once",
    text: bundle("s", '["none", "a"]') + given({ version: '""', path: '"/"', homes: '["x", "y"]', sha256: "" }),
    problems: [
      "10:14 artifact-not-found",
      "11:2 artifact-checksum",
      "13:11 bundle-version",
      "14:8 artifact-path",
      "15:10 artifact-home",
      "15:15 artifact-home",
    ],
  },
])("a site's file is refused when $when", async ({ text, problems }) => {
  const found = await problemsOf({
    toml: smallest,
    files: { "s.toml": text },
    env: { HAILSTACK_BUNDLES: "s.toml" },
    needs: ["bundle"],
  });

  expect(found.map(({ where, slug }) => `${where?.replace("s.toml:", "") ?? ""} ${slug}`)).toEqual(problems);
  expect(JSON.stringify(found)).not.toContain("secret");
});

test("a mistyped artefact is answered with the one that was meant", async () => {
  const files = { "s.toml": bundle("s", '["hadoop-3.4.l"]') };
  const problems = await problemsOf({ toml: smallest, files, env: { HAILSTACK_BUNDLES: "s.toml" }, needs: ["bundle"] });

  expect(problems).toMatchObject([
    {
      message: `bundle.s.artifacts[0] 'hadoop-3.4.l' is no artefact of this file or of hailstack's own; did you mean hadoop-3.4.0?`,
      fix: "write hadoop-3.4.0",
    },
  ]);
});
