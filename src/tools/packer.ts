/** `ImageBuilder` over the `packer` program. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type ExitCode, failure, type HailstackError } from "../errors.ts";
import type { BuiltImage, Env, ImageBuild, ImageBuilder, Interrupts, Progress } from "../world.ts";
import { openBuildLog, type BuildLog } from "./build-log.ts";
import { explainPacker } from "./packer-failure.ts";
import { layBuild, layPlugin, type LaidBuild, type Plugin, readResults } from "./packer-files.ts";
import { parseLine } from "./packer-output.ts";
import { startPacker, type PackerProcess } from "./packer-process.ts";
import { openStory, type Told } from "./packer-story.ts";

export type ImageBuilderOptions = {
  packer: { path: string };
  plugin: Plugin;
  /** PATH, proxies and authorities that every child needs. */
  baseEnv: Env;
  /** A private folder that goes away with this process. */
  runDir: string;
  /** As runDir, with a path short enough for sockets; may be the same. */
  socketDir: string;
  report(progress: Progress): void;
  hide(secrets: Iterable<string>): void;
  /** Text without what was hidden. */
  masked(text: string): string;
  interrupts: Interrupts;
  /** How long Packer may clean up once it was asked to stop, in ms; ten minutes unless told. */
  cleanupMs?: number;
};

/** A check logs in to the cloud and does no more. */
const validateMs = 2 * 60_000;
const longestTimer = 2 ** 31 - 1;

export function openImageBuilder(options: ImageBuilderOptions): ImageBuilder {
  const { runDir, report, masked, interrupts } = options;
  let laid: Promise<void> | undefined;

  async function lay(): Promise<void> {
    for (const folder of ["home", "plugins"]) await mkdir(join(runDir, folder), { mode: 0o700 });
    await mkdir(join(options.socketDir, "t"), { mode: 0o700 });
    await layPlugin(join(runDir, "plugins"), options.plugin);
  }

  function childEnv(build: ImageBuild): Env {
    return {
      ...options.baseEnv,
      ...build.cloudEnv,
      HOME: join(runDir, "home"),
      TMPDIR: join(options.socketDir, "t"),
      CHECKPOINT_DISABLE: "1",
      PACKER_NO_COLOR: "1",
      PACKER_PLUGIN_PATH: join(runDir, "plugins"),
      PACKER_CONFIG_DIR: join(runDir, "home"),
      PACKER_CACHE_DIR: join(runDir, "home", "cache"),
    };
  }

  /** Runs Packer once, with interrupts and deadline wired to it. @throws HailstackError unless it ends well */
  async function run(run: Run): Promise<Told> {
    const stopped = interrupts.exitCode();
    if (stopped !== undefined) throw neverStarted(stopped);
    const story = openStory({ report: run.report, masked });
    const packer = startPacker({
      path: options.packer.path,
      args: [...run.args, `-var-file=${run.laid.variablesFile}`, run.build.template],
      cwd: runDir,
      env: childEnv(run.build),
      async onLines(lines) {
        const said = lines.flatMap((line) => parseLine(line) ?? []);
        for (const one of said) story.hear(one);
        await run.log?.write(said);
      },
    });
    const stopping = stopOf(packer, run.timeoutMs);
    const end = await packer.ended.finally(stopping.settle);
    const isWell = end.exitCode === 0 && !stopping.asked();
    const told = story.end(isWell ? "done" : "failed");
    if (isWell && (!run.log || told.imageId !== undefined)) return told;
    const signalled = interrupts.exitCode();
    const logFile = run.log && run.build.logFile;
    throw explainPacker({ end, told, signalled, ...stopping.how(), logFile, masked });
  }

  /** Asks Packer to stop at a signal or after `timeoutMs`, and ends it at a second signal or when it takes too long. */
  function stopOf(packer: PackerProcess, timeoutMs: number) {
    let killed = false;
    let overdueMinutes: number | undefined;
    let patience: NodeJS.Timeout | undefined;
    const note = (message: string) => report({ event: "note", message });

    function kill(): void {
      killed = true;
      packer.kill();
    }
    function ask(): void {
      if (patience) return;
      packer.interrupt();
      patience = setTimeout(kill, options.cleanupMs ?? 10 * 60_000);
    }
    const stopListening = interrupts.listen((count) => {
      if (count === 1) note("stopping: Packer first removes what it has made; press again to leave that behind");
      if (count === 2) note("stopping at once; 'hailstack image prune' removes what is left behind");
      if (count === 1) ask();
      else kill();
    });
    const deadline = setTimeout(
      () => {
        overdueMinutes = Math.round(timeoutMs / 6_000) / 10;
        ask();
      },
      Math.min(timeoutMs, longestTimer),
    );
    return {
      settle(): void {
        stopListening();
        clearTimeout(deadline);
        clearTimeout(patience);
      },
      asked: () => patience !== undefined || killed,
      how: () => ({ killed, overdueMinutes }),
    };
  }

  async function laidOut<T>(build: ImageBuild, work: (laid: LaidBuild) => Promise<T>): Promise<T> {
    options.hide([...build.secrets, build.sshPrivateKey]);
    await (laid ??= lay());
    const inputs = await layBuild(runDir, build);
    return work(inputs).finally(inputs.remove);
  }

  return {
    validate: (build) =>
      laidOut(build, async (inputs) => {
        const args = ["validate", "-machine-readable"];
        await run({ args, build, laid: inputs, timeoutMs: validateMs, report: () => {} });
      }),

    build: (build, { timeoutMs = longestTimer } = {}) =>
      laidOut(build, async (inputs): Promise<BuiltImage> => {
        const args = ["build", "-machine-readable", "-color=false", "-on-error=cleanup"];
        const log = await openBuildLog(build.logFile, masked, (error) => report(logTrouble(build.logFile, error)));
        try {
          const { imageId = "" } = await run({ args, build, laid: inputs, timeoutMs, report, log });
          return { id: imageId, results: await readResults(inputs.resultsDir) };
        } finally {
          await log.close();
        }
      }),

    async close() {
      for (const folder of [runDir, options.socketDir]) await rm(folder, { recursive: true, force: true });
    },
  };
}

type Run = {
  args: readonly string[];
  build: ImageBuild;
  laid: LaidBuild;
  timeoutMs: number;
  report(progress: Progress): void;
  /** Of a build; a check has none. */
  log?: BuildLog;
};

const neverStarted = (exitCode: ExitCode): HailstackError =>
  failure(exitCode, "interrupted", "stopped by a signal; nothing was made", "run it again");

const logTrouble = (path: string, error: unknown): Progress => ({
  event: "warning",
  slug: "build-log",
  message: `the build goes on, but what it says is no longer kept: ${error instanceof Error ? error.message : String(error)}`,
  where: path,
  fix: "make room or choose another folder before the next build",
});
