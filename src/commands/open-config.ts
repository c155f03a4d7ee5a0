/** The first step of every command that has a config: its faults are told before anything else is even loaded. */
import { loadConfig, type Loaded, type Need } from "../config/load.ts";
import { readEnvironment } from "../config/environment.ts";
import { Exit, HailstackError } from "../errors.ts";
import type { Env, World } from "../world.ts";

/** The options that all such commands share. */
export type ConfigOptions = { config: string; dotenv?: string; json?: true };

/** Reads and checks the file and the environment; contacts nothing. @throws HailstackError (2) */
export async function openConfig(world: World, options: ConfigOptions, needs: readonly Need[]): Promise<Loaded> {
  if (options.json) world.terminal.useJson();
  const loaded = await loadConfig(world, options, needs);
  world.terminal.hide(loaded.secrets);
  world.useEnv(loaded.env);
  for (const warning of loaded.warnings) world.terminal.report({ event: "warning", ...warning });
  return loaded;
}

/** The variables of a command without a config: those of the process, over the file's. @throws HailstackError (2) */
export async function openEnvironment(world: World, dotenv: string | undefined): Promise<Env> {
  const { env, secrets, warnings, problems } = await readEnvironment(world, dotenv);
  world.terminal.hide(secrets);
  if (problems.length > 0) throw new HailstackError(Exit.usage, problems);
  for (const warning of warnings) world.terminal.report({ event: "warning", ...warning });
  world.useEnv(env);
  return env;
}
