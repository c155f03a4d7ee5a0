/** The first step of every command that has a config: its faults are told before anything else is even loaded. */
import { loadConfig, type Loaded, type Need } from "../config/load.ts";
import type { World } from "../world.ts";

/** The options that all such commands share. */
export type ConfigOptions = { config: string; dotenv?: string; json?: true };

/** Reads and checks the file and the environment; contacts nothing. @throws HailstackError (2) */
export async function openConfig(world: World, options: ConfigOptions, needs: readonly Need[]): Promise<Loaded> {
  if (options.json) world.terminal.useJson();
  const loaded = await loadConfig(world, options, needs);
  world.terminal.hide(loaded.secrets);
  for (const warning of loaded.warnings) world.terminal.report({ event: "warning", ...warning });
  return loaded;
}
