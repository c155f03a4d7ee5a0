/** Part of start.ts, in a file of its own because it loads Pulumi: one cluster's stack with everything it stands on. */
import { dirname } from "node:path";
import { Exit, failure } from "./errors.ts";
import { pick, waysOut } from "./host/passed-on.ts";
import { makeRunDir } from "./host/run-dir.ts";
import { openFetch } from "./net/http.ts";
import { openStacks } from "./pulumi/stacks.ts";
import { checkpointKey, keptStateFile } from "./cluster/store.ts";
import { openRelay } from "./s3/relay.ts";
import { requireTools, type ToolchainPlaces } from "./tools/toolchain.ts";
import type { Env, Stacks, StacksOptions, World } from "./world.ts";

/** @throws HailstackError (2) when the toolchain is missing or unfit */
export async function openRealStacks(options: StacksOptions, world: World, places: ToolchainPlaces): Promise<Stacks> {
  const { terminal, interrupts, files } = world;
  const { env } = places;
  const tools = await requireTools(places, ["pulumi", "pulumi-resource-openstack"]);
  const relay = await openRelay({
    bucket: options.bucket,
    fetch: await openFetch({ env, cacertPath: env.AWS_CA_BUNDLE }),
    checkpointKey: checkpointKey(options.cluster),
    onWaiting: (seconds) =>
      terminal.report({ event: "note", message: `the state store does not answer; trying again (${seconds} s)` }),
    async keep(state) {
      const path = await world.stateFile(keptStateFile(options.cluster));
      await files.writeAtomic(path, state, 0o600);
      return path;
    },
    discard: async () => files.remove(await world.stateFile(keptStateFile(options.cluster))),
    ...storePatience(env),
  });
  return openStacks({
    stack: options.stack,
    exists: options.exists,
    relay,
    passphrase: options.passphrase,
    cloudEnv: options.cloudEnv,
    baseEnv: { ...waysOut(env), ...pick(env, ["HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "LC_ALL", "TZ"]) },
    tools: { pulumi: tools.pulumi, plugin: dirname(tools["pulumi-resource-openstack"].path) },
    runDir: await makeRunDir(env),
    report: (progress) => terminal.report(progress),
    interrupts,
  });
}

/** `HAILSTACK_STORE_PATIENCE`: seconds that a run goes on asking a state store that does not answer. */
function storePatience({ HAILSTACK_STORE_PATIENCE: text }: Env): { patienceMs?: number } {
  if (!text) return {};
  if (/^\d{1,5}$/.test(text)) return { patienceMs: Number(text) * 1000 };
  const message = `HAILSTACK_STORE_PATIENCE must be a number of seconds, got '${text}'`;
  throw failure(Exit.usage, "store-patience", message, "set it to whole seconds, or unset it for 180");
}
