/** One cluster's stack over Pulumi's Automation API, its state in the bucket behind the relay. */
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { LocalWorkspace, Stack, type EngineEvent, type PulumiFn } from "@pulumi/pulumi/automation/index.js";
import type { Relay } from "../s3/relay.ts";
import type { Env, Interrupts, Progress, RunOptions, Stacks } from "../world.ts";
import { openEngine, type Engine } from "./engine.ts";
import { collectChanges, followRun } from "./events.ts";
import { explainFailure } from "./failure.ts";
import { clusterProgram } from "./program.ts";

const project = "hailstack";
/** How many cloud calls run at once; OpenStack answers no faster beyond (reference figures, 20 servers). */
const parallel = 16;

export type OpenStacksOptions = {
  stack: string;
  exists: boolean;
  relay: Relay;
  passphrase: string;
  cloudEnv: Env;
  /** PATH, HOME, proxies and the like that every child needs. */
  baseEnv: Env;
  tools: {
    pulumi: { path: string; version: string };
    /** Folder that holds the plugin. */
    plugin: string;
  };
  /** A private folder that goes away with this process. */
  runDir: string;
  report(progress: Progress): void;
  interrupts: Interrupts;
};

type Operation = {
  program: PulumiFn;
  /** Where the state is. */
  backend: Env;
  /** Whether the stack must be made first. */
  create: boolean;
  timeoutMs?: number | undefined;
  onEvent(event: EngineEvent): void;
  run(stack: Stack, onEvent: (event: EngineEvent) => void): Promise<unknown>;
};

/** Takes over `relay`: `close` closes it. */
export function openStacks(options: OpenStacksOptions): Stacks {
  const { stack: stackName, relay, report } = options;
  let { exists } = options;
  let touched = 0;
  let opened = false;

  /** Runs one engine operation with interrupts and deadline wired to it, and turns its failure into ours. */
  async function operate({ program, backend, create, timeoutMs, onEvent, run }: Operation): Promise<void> {
    const followed = followRun(() => {});
    const { pulumi } = options.tools;
    const engine = openEngine(pulumi.path, pulumi.version, engineEnv(backend));
    let overdueMinutes: number | undefined;
    const stopListening = options.interrupts.listen((count) => interrupt(engine, count));
    const deadline = setTimeout(
      () => {
        overdueMinutes = Math.round((timeoutMs ?? 0) / 6_000) / 10;
        engine.stop();
      },
      timeoutMs ?? 2 ** 31 - 1,
    );
    void relay.lost.then(() => engine.stop());
    try {
      const workspace = await openWorkspace(engine, program);
      const stack = await (create ? Stack.create : Stack.select)(stackName, workspace);
      opened = true;
      await run(stack, (event) => {
        followed.onEvent(event);
        onEvent(event);
      });
      if ((await relay.settle()).kept !== undefined) throw new Error("all was done, and could not be recorded");
    } catch (error) {
      const signalled = options.interrupts.exitCode();
      throw explainFailure(error, {
        told: followed.failures(),
        signalled,
        overdueMinutes,
        store: await relay.settle(),
      });
    } finally {
      clearTimeout(deadline);
      stopListening();
    }
  }

  function interrupt(engine: Engine, count: number): void {
    if (count > 2) return;
    engine.interrupt();
    const message =
      count === 1
        ? "stopping after the running steps; press again to abandon them"
        : "abandoning the running steps; the next run looks for what they made";
    report({ event: "note", message });
  }

  function engineEnv(backend: Env): Env {
    return {
      ...options.baseEnv,
      ...options.cloudEnv,
      ...backend,
      PULUMI_HOME: join(options.runDir, "pulumi"),
      PULUMI_CONFIG_PASSPHRASE: options.passphrase,
      // Without it every run of an inline program makes a new salt and cannot read the last one's secrets.
      PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
      PULUMI_SUPPRESS_NEO_LINK: "true",
      // The relay keeps one backup a run; the engine's own would double every write and grow without end.
      PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
    };
  }

  async function openWorkspace(engine: Engine, program: PulumiFn): Promise<LocalWorkspace> {
    await mkdir(join(options.runDir, "pulumi"), { recursive: true, mode: 0o700 });
    const workDir = await mkdtemp(join(options.runDir, "work-"));
    const projectSettings = {
      name: project,
      runtime: "nodejs" as const,
      // Not in the SDK's type, but written as it is: the strongest pin there is of which plugin runs.
      plugins: { providers: [{ name: "openstack", path: options.tools.plugin }] },
    };
    return LocalWorkspace.create({ workDir, program, projectSettings, pulumiCommand: engine.command });
  }

  /** Follows a run that changes things; its events become progress. */
  function follow() {
    return followRun((progress) => {
      if (progress.event === "resource" && progress.state === "started") touched += 1;
      report(progress);
    });
  }

  const quiet = { parallel, color: "never" } as const;
  return {
    async preview(program, { stateless = false, ...more } = {}) {
      const { onEvent, changes } = collectChanges();
      const folder = stateless ? await mkdtemp(join(options.runDir, "preview-")) : "";
      await operate({
        program: clusterProgram(program),
        backend: stateless ? { PULUMI_BACKEND_URL: `file://${folder}` } : relay.env,
        create: stateless,
        onEvent,
        run: (stack, heard) => stack.preview({ ...quiet, ...choices(more), onEvent: heard }),
      });
      return changes();
    },

    async up(program, { timeoutMs, ...more } = {}) {
      const { onEvent, outputs } = follow();
      await operate({
        program: clusterProgram(program),
        backend: relay.env,
        create: !exists,
        timeoutMs,
        onEvent,
        run: (stack, heard) => {
          exists = true;
          return stack.up({ ...quiet, ...choices(more), suppressOutputs: true, onEvent: heard });
        },
      });
      return outputs();
    },

    async destroy({ timeoutMs } = {}) {
      await operate({
        program: async () => ({}),
        backend: relay.env,
        create: false,
        timeoutMs,
        onEvent: follow().onEvent,
        run: async (stack, heard) => {
          await stack.destroy({ ...quiet, onEvent: heard });
          await stack.workspace.removeStack(stackName);
        },
      });
    },

    opened: () => opened,
    touched: () => touched,
    close: () => relay.close(),
  };
}

const choices = ({ refresh, replace = [] }: Pick<RunOptions, "refresh" | "replace">) => ({
  ...(refresh ? { refresh } : {}),
  ...(replace.length > 0 ? { replace: [...replace] } : {}),
});
