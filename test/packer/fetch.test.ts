/** `fetch` of packer/lib.sh against places on loopback. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { copyOfKit, inputsOf, layFiles, run, temporaryFolder } from "./rig.ts";

const content = "what Hadoop is\n";
const hashOf = (algorithm: string, text = content) => createHash(algorithm).update(text).digest("hex");

/** Answers each request with `text`, or with a status; `asked` has path and password of each. */
async function startPlace(answer: string | number) {
  const asked: string[] = [];
  const server = createServer(({ url = "", headers: { authorization = "" } }, response) => {
    asked.push([url, Buffer.from(authorization.replace("Basic ", ""), "base64").toString()].filter(Boolean).join(" "));
    if (typeof answer === "number") response.writeHead(answer).end();
    else response.writeHead(200).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  onTestFinished(stop);
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return { host: `127.0.0.1:${bound.port}`, url: `http://127.0.0.1:${bound.port}/h.tar.gz`, asked, stop };
}

type Line = { name?: string; algorithm?: string; hash?: string; maven?: string; urls?: string[] };

/** Fetches the one artefact of a list into a file; the pauses between tries are left out. */
async function fetchOne(line: Line, { cache = "", before = "", platform = "" } = {}) {
  const { name = "hadoop", algorithm = "sha256", hash = hashOf(algorithm), maven = "-", urls = [] } = line;
  const artifacts = `${[name, "3.4.1", algorithm, hash, maven, ...urls].join("\t")}\n`;
  const bundle = "BUNDLE_ID='b1'\nJAVA_VERSION='99'\n";
  const work = temporaryFolder();
  const file = join(work, "got");
  const script = `. "$HAILSTACK_KIT/lib.sh"; sleep() { echo "pause $1"; }; ${before}\nfetch hadoop "${file}"; echo fetched`;
  const { code, out } = await run("bash", ["-c", script], {
    PATH: process.env["PATH"],
    HAILSTACK_KIT: copyOfKit(platform),
    HAILSTACK_INPUTS: inputsOf({ artifacts, "bundle.env": bundle }),
    HAILSTACK_WORK: work,
    HAILSTACK_CACHE: cache,
  });
  return { code, lines: out.trimEnd().split("\n"), got: existsSync(file) ? readFileSync(file, "utf8") : undefined };
}

test.for(["sha256", "sha512"])("a file with the right %s is taken at once", async (algorithm) => {
  const place = await startPlace(content);
  const { code, lines, got } = await fetchOne({ algorithm, urls: [place.url, "http://127.0.0.1:9/never"] });

  expect([code, got, place.asked]).toEqual([0, content, ["/h.tar.gz"]]);
  expect(lines).toEqual([`hadoop 3.4.1: ${place.url} (try 1)`, "fetched"]);
});

test("other content ends it with name, both checksums and the place; no other is tried and nothing is kept", async () => {
  const [wrong, right] = [await startPlace("something else\n"), await startPlace(content)];
  const cache = temporaryFolder();
  const { code, lines, got } = await fetchOne({ urls: [wrong.url, right.url] }, { cache });

  expect([code, got, wrong.asked.length, right.asked]).toEqual([1, undefined, 1, []]);
  const [expected, found] = [hashOf("sha256"), hashOf("sha256", "something else\n")];
  expect(lines.at(-1)).toBe(
    `wrong checksum: hadoop 3.4.1 from ${wrong.url}: expected sha256 ${expected}, got ${found}`,
  );
  expect(existsSync(join(cache, "artifacts", expected))).toBe(false);
});

test("a place that is down is tried three times, with pauses, and then the next", async () => {
  const [down, gone, up] = [await startPlace(503), await startPlace(content), await startPlace(content)];
  await gone.stop();
  const { code, lines, got } = await fetchOne({ urls: [down.url, gone.url, up.url] });

  expect([code, got, down.asked.length, up.asked.length]).toEqual([0, content, 3, 1]);
  const tries = (url: string) =>
    [1, 2, 3].flatMap((n) => [`hadoop 3.4.1: ${url} (try ${n})`, `pause ${n * 3}`]).slice(0, 5);
  const told = lines.filter((line) => !line.startsWith("curl: "));
  expect(told).toEqual([...tries(down.url), ...tries(gone.url), `hadoop 3.4.1: ${up.url} (try 1)`, "fetched"]);
});

test("when all are down it names them, without their passwords, which it uses", async () => {
  const [first, second] = [await startPlace(404), await startPlace(500)];
  const urls = [`http://ann:canary%2D1@${first.host}/m/h`, second.url];
  const { code, lines } = await fetchOne({ urls });

  expect([code, first.asked]).toEqual([1, Array(3).fill("/m/h ann:canary-1")]);
  expect(lines.at(-1)).toBe(`hadoop 3.4.1 could not be had from any of: http://${first.host}/m/h ${second.url}`);
  expect(lines.join("\n")).not.toContain("canary");
});

test("where no place is known it says what to set", async () => {
  const { code, lines } = await fetchOne({});
  expect([code, lines]).toEqual([
    1,
    ["hadoop 3.4.1 could not be had from any of: no address is known; set packer.artifact_mirror"],
  ]);
});

test("what the bundle does not list is told by name", async () => {
  expect(await fetchOne({ name: "jdk" })).toMatchObject({ code: 1, lines: ["bundle b1 names no artefact hadoop"] });
});

test("what was kept is taken without asking anybody, unless it was damaged", async () => {
  const [place, cache] = [await startPlace(content), temporaryFolder()];
  const kept = join(cache, "artifacts", hashOf("sha256"));
  const again = () => fetchOne({ urls: [place.url] }, { cache });

  expect((await again()).got).toBe(content);
  expect(readFileSync(kept, "utf8")).toBe(content);
  expect((await again()).lines).toEqual(["fetched"]);
  expect(place.asked).toHaveLength(1);

  writeFileSync(kept, content.slice(1));
  expect((await again()).got).toBe(content);
  expect(place.asked).toHaveLength(2);
  expect(readFileSync(kept, "utf8")).toBe(content);
});

test("a file of another artefact's checksum is never taken from the cache", async () => {
  const cache = temporaryFolder();
  mkdirSync(join(cache, "artifacts"));
  writeFileSync(join(cache, "artifacts", hashOf("sha256", "other")), content);
  expect((await fetchOne({ hash: hashOf("sha256", "other") }, { cache })).code).toBe(1);
});

/** A Java whose Ivy retrieves `text`, or nothing at all; what it was called with is in `log`. */
function standInJava(text: string | undefined) {
  const home = temporaryFolder();
  const answer =
    text === undefined ? 'echo "unresolved dependency"' : `printf '${text.trim()}\\n' >"$folder/hadoop-aws.jar"`;
  // The last word is where to: a folder for each type of file, for a module may have several of one name.
  const script = [
    "#!/bin/bash",
    `echo "$*" >>"${home}/log"`,
    'folder=${@: -1:1}; folder=${folder%%"[type]"*}jar; mkdir -p "$folder"',
    answer,
    "",
  ].join("\n");
  layFiles(home, { "bin/java": script }, 0o755);
  const jars = layFiles(temporaryFolder(), { "jars/ivy-2.5.1.jar": "" });
  return { home, before: `spark_home() { echo "${jars}"; }`, platform: `JAVA_99_HOME=${home}\n` };
}

test("after the mirror a jar is fetched through Maven, and held to its checksum all the same", async () => {
  const [mirror, maven] = [await startPlace(404), "org.apache.hadoop:hadoop-aws:3.3.4"];
  const java = standInJava(content);
  const good = await fetchOne({ maven, urls: [mirror.url] }, java);

  expect([good.code, good.got, mirror.asked.length]).toEqual([0, content, 3]);
  expect(readFileSync(join(java.home, "log"), "utf8")).toMatch(
    /-jar \S+\/jars\/ivy-2\.5\.1\.jar .*-notransitive -dependency org\.apache\.hadoop hadoop-aws 3\.3\.4 -retrieve /,
  );
  const bad = await fetchOne({ maven, hash: hashOf("sha256", "x") }, java);
  expect([bad.code, bad.got]).toEqual([1, undefined]);
  expect(bad.lines.at(-1)).toMatch(
    /^wrong checksum: hadoop 3\.4\.1 from maven:org\.apache\.hadoop:hadoop-aws:3\.3\.4: exp/,
  );
});

test("Maven's repository too is tried three times, and its last words are told", async () => {
  const java = standInJava(undefined);
  const { code, lines } = await fetchOne({ maven: "org.apache.hadoop:hadoop-aws:3.3.4" }, java);

  expect(code).toBe(1);
  expect(lines.filter((line) => line === "unresolved dependency")).toHaveLength(3);
  expect(lines.at(-1)).toBe("hadoop 3.4.1 could not be had from any of: maven:org.apache.hadoop:hadoop-aws:3.3.4");
});
