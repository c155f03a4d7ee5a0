/** Which cloud, as whom: resolved, masked, and its doubts told, the same for every command. */
import type { CloudCredentials, Env, World } from "../world.ts";

/** Contacts nothing. @throws HailstackError (2) when there is no login, or several to choose from */
export async function findCredentials(world: World, env: Env): Promise<CloudCredentials> {
  const credentials = await world.resolveCloud(env);
  world.terminal.hide(credentials.secrets);
  for (const warning of credentials.warnings) world.terminal.report({ event: "warning", ...warning });
  return credentials;
}
