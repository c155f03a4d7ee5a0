/** What nodes get that no config says: the cluster's own secrets, and the hashes of the web password. */
import { ensureGenerated, generatedSecrets } from "../cluster/generated.ts";
import { checkPassphrase } from "../cluster/store.ts";
import { userDataOf } from "../cluster/user-data.ts";
import { webLogin } from "../cluster/web-login.ts";
import type { World } from "../world.ts";
import type { Draft } from "./draft.ts";
import type { Site } from "./site.ts";

/**
 * The draft with all that its nodes' files are made from; made once for a cluster and then the same at every run.
 * @throws HailstackError (4) when what was made cannot be read
 */
export async function withSecrets(world: World, site: Site, draft: Draft, passphrase: string): Promise<Draft> {
  const { passwords } = site.loaded;
  if (!passwords) throw new Error("create loads its config with the passwords");
  const generated = await ensureGenerated(site.bucket, site.cluster, passphrase).catch(async (error: unknown) => {
    // A wrong passphrase is told as what it is, by the state that it does not open either.
    if (site.state) await checkPassphrase(site.state, passphrase, site.loaded.env);
    throw error;
  });
  world.terminal.hide(generatedSecrets(generated));
  const { spark_secret, netdata_key, web_salts } = generated;
  const inputs = {
    ...draft.inputs,
    secrets: {
      spark_secret,
      netdata_key,
      ...(passwords.volume === undefined ? {} : { volume_password: passwords.volume }),
    },
    web: await webLogin(passwords.web, web_salts),
  };
  const program = { ...draft.program, userData: userDataOf(inputs) };
  return { ...draft, inputs, program };
}
