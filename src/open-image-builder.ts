/** Part of start.ts: Packer with its plugin, in a private folder of this run. */
import { waysOut } from "./host/passed-on.ts";
import { makeRunDir } from "./host/run-dir.ts";
import { openImageBuilder } from "./tools/packer.ts";
import { pluginProtocol, requireTools, type ToolchainPlaces } from "./tools/toolchain.ts";
import type { ImageBuilder, World } from "./world.ts";

/** Bytes of a socket's path on Linux, without the name that Packer gives it: `/t/packer-plugin1234567890`. */
const longestSocketDir = 107 - 28;

/** @throws HailstackError (2) when Packer or its plugin is missing or unfit */
export async function openRealImageBuilder(
  { terminal, interrupts }: World,
  masked: (text: string) => string,
  places: ToolchainPlaces,
): Promise<ImageBuilder> {
  const tools = await requireTools(places, ["packer", "packer-plugin-openstack"]);
  const plugin = tools["packer-plugin-openstack"];
  const runDir = await makeRunDir(places.env);
  return openImageBuilder({
    packer: tools.packer,
    plugin: { ...plugin, protocol: await pluginProtocol(places, plugin.path) },
    baseEnv: waysOut(places.env),
    runDir,
    // Without variables that say otherwise it is a short one below /tmp.
    socketDir: Buffer.byteLength(runDir) <= longestSocketDir ? runDir : await makeRunDir({}),
    report: (progress) => terminal.report(progress),
    hide: (secrets) => terminal.hide(secrets),
    masked,
    interrupts,
  });
}
