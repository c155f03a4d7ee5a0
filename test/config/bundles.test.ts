import { expect, test } from "vitest";
import { readBundles } from "../../src/config/bundles.ts";
import { load, problemsOf, smallest, worldOf } from "./world.ts";

const newest = "hail-0.2.137-gnomad-3.0.4-r2";
const table = (id: string, more = ""): string =>
  `[bundle."${id}"]\nhail = "0.2.138"\nspark = "3.5.7"\nhadoop = "3.4.1"\njava = "17"\npython = "3.12"\nscala = "2.12.18"\ngnomad = "4.1"\nstatus = "supported"\n${more}`;

test("the shipped bundles are the contract's", async () => {
  const { all, default: chosen } = await readBundles(worldOf({}));
  const common = {
    java: "11",
    python: "3.12",
    scala: "2.12.18",
    gnomad: "3.0.4",
    gnomad_package: "0.9.1",
    artifacts: 5,
    named: true,
  };

  expect(chosen).toBe(newest);
  expect(
    all.map(({ artifacts, lock, ...versions }) => ({
      ...versions,
      artifacts: artifacts.length,
      named: lock === `${versions.id}.txt`,
    })),
  ).toEqual([
    {
      id: "hail-0.2.136-gnomad-3.0.4-r1",
      hail: "0.2.136",
      spark: "3.5.4",
      hadoop: "3.4.0",
      status: "supported",
      ...common,
    },
    {
      id: "hail-0.2.137-gnomad-3.0.4-r1",
      hail: "0.2.137",
      spark: "3.5.4",
      hadoop: "3.4.0",
      status: "supported",
      ...common,
    },
    { id: newest, hail: "0.2.137", spark: "3.5.6", hadoop: "3.4.1", status: "latest", ...common },
  ]);
});

const old = "hail-0.2.136-gnomad-3.0.4-r1";
const site = { "etc/site.toml": `[default]\nbundle = "site-1"\n${table("site-1")}` };

test.for([
  { when: "nothing is named", id: newest },
  { when: "the config names one", toml: `${smallest}bundle = "${old}"\n`, id: old },
  { when: "--bundle names another", toml: `${smallest}bundle = "x"\n`, option: old, id: old },
  { when: "the site has a default", env: { HAILSTACK_BUNDLES: "etc/site.toml" }, files: site, id: "site-1" },
  {
    when: "the site's default is set aside",
    toml: `${smallest}bundle = "${old}"\n`,
    env: { HAILSTACK_BUNDLES: "etc/site.toml" },
    files: site,
    id: old,
  },
])("$id is chosen when $when", async ({ toml = smallest, option, env = {}, files = {}, id }) => {
  const { bundle, config } = await load({
    toml,
    env,
    files,
    needs: ["bundle"],
    options: option === undefined ? {} : { bundle: option },
  });

  expect([bundle?.id, config.cluster.bundle]).toEqual([id, id]);
});

test("cluster.bundles_file is found beside the config, and wins over HAILSTACK_BUNDLES", async () => {
  const files = {
    "/site/c.toml": `${smallest}bundles_file = "mine.toml"\nbundle = "mine"\n`,
    "/site/mine.toml": table("mine"),
    ...site,
  };
  const { bundle } = await load({
    toml: "",
    files,
    env: { HAILSTACK_BUNDLES: "etc/site.toml" },
    needs: ["bundle"],
    options: { config: "/site/c.toml" },
  });

  expect(bundle).toMatchObject({ id: "mine", hail: "0.2.138", gnomad_package: "0.9.1" });
});

test("a site's bundle replaces ours of the same id", async () => {
  const { all } = await readBundles(worldOf({ "s.toml": table(newest, 'gnomad_package = "0.8.0"\n') }), "s.toml");

  expect(all.find(({ id }) => id === newest)).toMatchObject({ hail: "0.2.138", gnomad_package: "0.8.0" });
});

test("a deprecated bundle is a warning that names the default", async () => {
  const files = { "s.toml": table("old-1").replace("supported", "deprecated") };
  const { warnings } = await load({
    toml: `${smallest}bundle = "old-1"\n`,
    files,
    env: { HAILSTACK_BUNDLES: "s.toml" },
    needs: ["bundle"],
  });

  expect(warnings).toMatchObject([
    { slug: "bundle-deprecated", message: "bundle old-1 is deprecated", fix: `plan a new cluster with ${newest}` },
  ]);
});

test("an unknown bundle is refused in the contract's words, with the ids there are", async () => {
  const words = `Bundle 'hail-9' not found. Available bundle IDs: hail-0.2.136-gnomad-3.0.4-r1, hail-0.2.137-gnomad-3.0.4-r1, ${newest}`;

  expect(await problemsOf({ toml: `${smallest}bundle = "hail-9"\n`, needs: ["bundle"] })).toMatchObject([
    { message: words, where: "c.toml:4:10" },
  ]);
  const [problem] = await problemsOf({ toml: smallest, needs: ["bundle"], options: { bundle: "hail-9" } });
  expect(problem?.message).toBe(words);
  expect(problem).not.toHaveProperty("where");
});

test("commands that need no bundle do not look for one", async () => {
  const { bundle, config } = await load({
    toml: `${smallest}bundle = "gone-1"\n`,
    env: { HAILSTACK_BUNDLES: "nowhere.toml" },
  });

  expect([bundle, config.cluster.bundle]).toEqual([undefined, "gone-1"]);
});

test.for([
  { when: "it is not there", text: undefined, problems: ["s.toml file-missing"] },
  { when: "it is no TOML", text: "bundle = ", problems: ["s.toml:1:10 toml-syntax"] },
  {
    when: "a key is missing",
    text: table("a").replace('hail = "0.2.138"\n', ""),
    problems: ["s.toml:1:2 config-missing"],
  },
  {
    when: "its status is missing",
    text: table("a").replace('status = "supported"\n', ""),
    problems: ["s.toml:1:2 config-missing"],
  },
  { when: "a key is unknown", text: table("a", "x = 1\n"), problems: ["s.toml:10:1 config-unknown-key"] },
  {
    when: "a version is a float",
    text: table("a").replace('"3.12"', "3.12"),
    problems: ["s.toml:6:10 config-wrong-type"],
  },
  {
    when: "a version is hostile",
    text: table("a").replace('"17"', '"17; id"'),
    problems: ["s.toml:5:8 bundle-version"],
  },
  {
    when: "a status is unknown",
    text: table("a").replace("supported", "new"),
    problems: ["s.toml:9:10 config-choice"],
  },
  { when: "an id is hostile", text: table("a b"), problems: ["s.toml:1:2 config-bundle-id"] },
  { when: "an id is __proto__", text: table("__proto__"), problems: ["s.toml:1:2 config-bundle-id"] },
  { when: "a bundle is defined twice", text: table("a") + table("a"), problems: ["s.toml:10:9 config-duplicate-key"] },
  { when: "its default is not there", text: '[default]\nbundle = "a"\n', problems: ["s.toml bundle-default"] },
  {
    when: "two things are wrong",
    text: table("a").replace('"17"', "17").replace('"3.5.7"', '""'),
    problems: ["s.toml:3:9 bundle-version", "s.toml:5:8 config-wrong-type"],
  },
])("a site's file is refused when $when", async ({ text, problems }) => {
  const files = text === undefined ? {} : { "s.toml": text };
  const found = await problemsOf({ toml: smallest, files, env: { HAILSTACK_BUNDLES: "s.toml" }, needs: ["bundle"] });

  expect(found.map(({ where, slug }) => `${where ?? ""} ${slug}`)).toEqual(problems);
});
