/**
 * `npm run bake -- failures`: how bakes go wrong, and the way round, each on a bare root file system of its own: what is said, with which
 * code it ends, and that nothing goes on running. A few minutes, as root; a name as the second word plays that one alone.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { bakedRoot } from "./baked.ts";
import { bakeRoot, type RootBake } from "./bake-root.ts";
import { kit, testInputs } from "./inputs.ts";
import { serveFiles } from "./file-server.ts";
import { baseFolder, cacheFolder, mirrorFolder, place, run } from "./place.ts";

type Inputs = RootBake["inputs"];
type Ended = { code: number; said: string };
type Bed = {
  mirror: string;
  /** Runs a bake to its end; `sizeMib` bounds what it may write. */
  bake(options: Partial<RootBake> & { inputs: Inputs; sizeMib?: number; lower?: string }): Promise<Ended>;
  /** A root that has been baked whole. */
  baked(): Promise<string>;
};
type Case = { name: string; play(bed: Bed): Promise<void> };

const toHadoop = ["base", "java", "hadoop"];

const cases: readonly Case[] = [
  {
    name: "wrong checksum",
    async play({ bake, mirror }) {
      const inputs = withArtifacts(await testInputs(mirror), (line) =>
        line.replace(/\tsha512\t[0-9a-f]/, (start) => start.slice(0, -1) + (start.endsWith("0") ? "1" : "0")),
      );
      const { code, said } = await bake({ inputs, stages: toHadoop });
      holds(code === 1, `it ended with ${code}`);
      holds(
        /wrong checksum: hadoop 3\.4\.1 from http:\S+: expected sha512 [0-9a-f]{128}, got [0-9a-f]{128}/.test(said),
        said,
      );
      holds(said.includes("hailstack-stage failed hadoop scripts/hadoop.sh 1"), said);
    },
  },
  {
    name: "mirror down, another up",
    async play({ bake, mirror }) {
      const down = `http://127.0.0.1:${await closedPort()}`;
      const inputs = withArtifacts(
        await testInputs(down),
        (line) => `${line}\t${(line.split("\t")[5] ?? "").replace(down, mirror)}`,
      );
      const { code, said } = await bake({ inputs, stages: toHadoop });
      holds(code === 0, said);
      holds(said.split(down).length - 1 >= 3, `it was not tried three times:\n${said}`);
    },
  },
  {
    name: "every mirror down",
    async play({ bake }) {
      const down = `http://127.0.0.1:${await closedPort()}`;
      const { code, said } = await bake({ inputs: await testInputs(down), stages: toHadoop });
      holds(code === 1, `it ended with ${code}`);
      holds(said.includes(`hadoop 3.4.1 could not be had from any of: ${down}/`), said);
    },
  },
  {
    name: "jars by Maven",
    async play({ bake, baked }) {
      // Without a mirror they come by their coordinates, as a shipped bundle's do.
      const inputs = await testInputs("");
      const { code, said } = await bake({ inputs, lower: await baked(), stages: ["hail"] });
      holds(code === 0, said);
      holds(said.includes("maven:org.apache.hadoop:hadoop-aws:3.3.4 (try 1)"), said);
    },
  },
  {
    name: "full disk",
    async play({ bake, mirror }) {
      const { code, said } = await bake({ inputs: await testInputs(mirror), sizeMib: 500 });
      holds(code !== 0, "it went on");
      holds(/No space left on device/i.test(said), said);
      holds(/ 100% \/$/m.test(said), `how full the disk is was not told:\n${said}`);
    },
  },
  {
    name: "script that fails",
    async play({ bake, mirror }) {
      const broken = mkdtempSync(join(place, "kit-"));
      cpSync(kit, broken, { recursive: true });
      writeFileSync(join(broken, "scripts/java.sh"), "echo about to go wrong >&2\nexit 7\n");
      const { code, said } = await bake({ inputs: await testInputs(mirror), kit: broken });
      rmSync(broken, { recursive: true });
      holds(code === 7, `it ended with ${code}`);
      holds(said.includes("about to go wrong"), said);
      holds(said.includes("hailstack-stage failed java scripts/java.sh 7"), said);
      holds(!said.includes("hailstack-stage start hadoop"), "it went on");
    },
  },
  {
    name: "stopped in the middle",
    async play({ bake, mirror }) {
      const abort = new AbortController();
      const inputs = await testInputs(mirror);
      setTimeout(() => abort.abort(), 8_000);
      const { said } = await bake({ inputs, signal: abort.signal });
      holds(!said.includes("hailstack-stage done clean"), "it came to its end");
      const { stdout } = spawnSync("pgrep", ["-f", "hailstack-kit/bake"], { encoding: "utf8" });
      holds(stdout === "", `processes of it go on: ${stdout}`);
    },
  },
];

function holds(condition: boolean, message: string): void {
  if (!condition) throw new Error(message.length > 3000 ? `…${message.slice(-3000)}` : message);
}

function withArtifacts(inputs: Inputs, change: (line: string) => string): Inputs {
  const { artifacts } = inputs;
  if (!artifacts) throw new Error("there is no list of artefacts");
  const lines = artifacts.content.trimEnd().split("\n").map(change);
  return { ...inputs, artifacts: { ...artifacts, content: `${lines.join("\n")}\n` } };
}

/** A port of this machine where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A layer of memory over another root, so that each case begins with the same, and may be made small. */
async function onLayer<T>(lower: string, sizeMib: number, work: (root: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(place, "layer-"));
  const root = join(folder, "root");
  mkdirSync(root);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMib}m`, "layer", folder]);
  try {
    for (const name of ["root", "upper", "work"]) mkdirSync(join(folder, name), { recursive: true });
    const layers = `lowerdir=${lower},upperdir=${join(folder, "upper")},workdir=${join(folder, "work")}`;
    execFileSync("mount", ["-t", "overlay", "overlay", "-o", layers, root]);
    try {
      return await work(root);
    } finally {
      execFileSync("umount", [root]);
    }
  } finally {
    execFileSync("umount", [folder]);
    rmSync(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("a bake needs root");
  run("nodes", "base");
  run("mirror", "build");
  const mirror = await serveFiles(mirrorFolder);
  const log = join(place, "failures.log");
  const bed: Bed = {
    mirror: mirror.url,
    baked: () => bakedRoot({ fresh: false, say: () => {} }),
    bake: ({ sizeMib = 3000, lower = baseFolder, ...options }) =>
      onLayer(lower, sizeMib, async (root) => {
        // Artefacts must be fetched; packages need not be fetched each time.
        rmSync(join(cacheFolder, "artifacts"), { recursive: true, force: true });
        const code = await bakeRoot({ root, kit, cache: cacheFolder, log, ...options }, () => {});
        return { code, said: readFileSync(log, "utf8") };
      }),
  };
  let failed = 0;
  const only = process.argv[3];
  for (const { name, play } of cases.filter((each) => only === undefined || each.name === only)) {
    const outcome = await play(bed).then(
      () => "ok",
      (error: unknown) => `FAILED: ${error instanceof Error ? error.message : String(error)}`,
    );
    if (outcome !== "ok") failed += 1;
    process.stdout.write(`${name.padEnd(26)} ${outcome}\n`);
  }
  await mirror.close();
  if (existsSync(log)) rmSync(log);
  process.exitCode = failed > 0 ? 1 : 0;
}

await main();
