/** `Cloud` over REST. */
import { openFetch } from "../net/http.ts";
import type { Cloud, CloudCredentials, Env } from "../world.ts";
import { openCompute } from "./compute.ts";
import { openImages } from "./image.ts";
import { openImageSharing } from "./image-sharing.ts";
import { openNetwork } from "./network.ts";
import { projectsNamed } from "./projects.ts";
import { readQuotas } from "./quotas.ts";
import { openSession } from "./session.ts";
import { remove } from "./sweep.ts";
import { openVolumes } from "./volume.ts";
import { openWire, type Wire } from "./wire.ts";

export type CloudOptions = {
  /** Where the proxies are read. */
  env: Env;
  /** Ends whatever is under way. */
  signal?: AbortSignal;
  /** Another clock, another way out: for tests. */
  wire?: Partial<Wire>;
};

/**
 * Logs in to one project.
 * @throws HailstackError (3) when the cloud refuses or cannot be reached, (2) for a proxy or authority that is no use
 */
export async function openCloud(credentials: CloudCredentials, options: CloudOptions): Promise<Cloud> {
  const { cacertPath, insecure } = credentials;
  const fetch = options.wire?.fetch ?? (await openFetch({ env: options.env, cacertPath, insecure }));
  const session = await openSession({ ...openWire(fetch, options.signal), ...options.wire }, credentials);
  const compute = openCompute(session);
  return {
    identity: session.identity,
    childEnv: session.childEnv,
    clockSkewSeconds: session.clockSkewSeconds,
    ...compute,
    ...openNetwork(session),
    ...openImages(session),
    ...openImageSharing(session),
    projectsNamed: (name) => projectsNamed(session, name),
    ...openVolumes(session),
    quotas: () => readQuotas(session, compute.keypairs),
    delete: (kind, id) => remove(session, kind, id),
  };
}
