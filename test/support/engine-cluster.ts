/** The engine's own work on a simulated cloud, without the command line: plans in, resources and a stored state out. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkpointKey } from "../../src/cluster/store.ts";
import type { ClusterPlan } from "../../src/cluster/plan.ts";
import { stackName } from "../../src/cluster/names.ts";
import { userData } from "../../src/cluster/user-data.ts";
import { openStacks } from "../../src/pulumi/stacks.ts";
import { openRelay } from "../../src/s3/relay.ts";
import { requireTools } from "../../src/tools/toolchain.ts";
import type { BucketSettings, ClusterProgram, Interrupts, Progress, Stacks } from "../../src/world.ts";
import { startCloud, type SimulatedCloud } from "./cloud/cloud.ts";
import type { CloudOptions } from "./cloud/options.ts";
import { image, inputsOf } from "./plans.ts";

export type EngineCluster = {
  cloud: SimulatedCloud;
  /** Opens the stack; `exists` as the store would say. */
  open(exists: boolean): Promise<Stacks>;
  program(plan: ClusterPlan): ClusterProgram;
  /** What was reported so far. */
  told: Progress[];
  /** The state that the store would not take; undefined while there is none. */
  kept(): string | undefined;
  /** As a first or second Ctrl-C. */
  interrupt(): void;
  stop(): Promise<void>;
};

export type EngineOptions = { bucket: BucketSettings; cloud?: CloudOptions; passphrase?: string; patienceMs?: number };

export async function startEngine({
  bucket,
  cloud: options,
  passphrase = "p",
  patienceMs,
}: EngineOptions): Promise<EngineCluster> {
  const cloud = await startCloud({ images: [{ name: image }], ...options });
  const runDir = mkdtempSync(join(tmpdir(), "hailstack-engine-"));
  const tools = await requireTools({ env: process.env, besideExecutable: runDir, cache: runDir }, [
    "pulumi",
    "pulumi-resource-openstack",
  ]);
  const told: Progress[] = [];
  const signals = openSignals();
  let kept: string | undefined;

  return {
    cloud,
    told,
    kept: () => kept,
    interrupt: signals.send,
    async open(exists) {
      const relay = await openRelay({
        bucket,
        fetch,
        checkpointKey: checkpointKey("c1"),
        onWaiting: () => {},
        keep: async (state) => {
          kept = Buffer.from(state).toString();
          return "/kept/here";
        },
        discard: async () => void (kept = undefined),
        ...(patienceMs === undefined ? {} : { patienceMs }),
      });
      return openStacks({
        stack: stackName("c1"),
        exists,
        relay,
        passphrase,
        cloudEnv: cloud.env,
        baseEnv: { PATH: process.env.PATH, HOME: runDir },
        tools: { pulumi: tools.pulumi, plugin: dirname(tools["pulumi-resource-openstack"].path) },
        runDir,
        report: (progress) => void told.push(progress),
        interrupts: signals.interrupts,
      });
    },
    program: (plan) => programOf(cloud, plan),
    async stop() {
      await cloud.stop();
      rmSync(runDir, { recursive: true, force: true });
    },
  };
}

function programOf({ state }: SimulatedCloud, plan: ClusterPlan): ClusterProgram {
  const idOf = <T extends { id: string; name: string }>(all: ReadonlyMap<string, T>) =>
    Object.fromEntries([...all.values()].map((one) => [one.name, one.id]));
  const networks = [...state.networks.values()].map(
    ({ name, id, portSecurity }) => [name, { id, portSecurity }] as const,
  );
  const inputs = inputsOf({}, { plan });
  return {
    plan,
    ids: {
      region: "RegionOne",
      image: idOf(state.images)[plan.image] ?? "",
      pool: "public",
      flavours: idOf(state.flavours),
      networks: Object.fromEntries(networks),
    },
    userData: (node, addresses) => userData(inputs, node, addresses),
    recorded: { project_id: "p1", deployed_config: {} },
  };
}

function openSignals(): { interrupts: Interrupts; send(): void } {
  let count = 0;
  let listeners: ((count: number, signal: NodeJS.Signals) => void)[] = [];
  return {
    interrupts: {
      listen(heard) {
        listeners.push(heard);
        return () => (listeners = listeners.filter((one) => one !== heard));
      },
      exitCode: () => (count > 0 ? 130 : undefined),
    },
    send() {
      count += 1;
      for (const heard of listeners) heard(count, "SIGINT");
    },
  };
}
