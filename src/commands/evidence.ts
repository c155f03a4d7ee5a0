/** Why servers failed, asked of the cloud and kept on this machine before they are gone. */
import { ownerKey } from "../cluster/names.ts";
import type { HailstackError, Problem } from "../errors.ts";
import type { Server, World } from "../world.ts";
import type { Draft } from "./draft.ts";
import type { Site } from "./site.ts";

/** Enough to hold a kernel's and cloud-init's last words. */
const consoleLines = 400;

const ours = async ({ cloud, cluster }: Site, { identity }: Draft): Promise<Server[]> =>
  (await cloud.servers(`${cluster}-`)).filter(({ metadata }) => metadata[ownerKey] === identity.cluster_id);

/** Nova's own reason for each server of the cluster that is in ERROR. */
export async function serverFaults(site: Site, draft: Draft): Promise<Problem[]> {
  return (await ours(site, draft))
    .filter(({ status }) => status === "ERROR")
    .map(({ name, fault }) => ({
      slug: "server-error",
      message: fault || "the cloud gives no reason why the server is in ERROR",
      where: name,
      fix: fault?.startsWith("No valid host")
        ? "the cloud has no room for this flavour now: use a smaller one or fewer workers, or ask its operators"
        : "run the same command again; if it stays, show this to the cloud's operators",
    }));
}

/** Saves reasons and console logs; the folder they are in. */
export async function saveEvidence(world: World, site: Site, draft: Draft, error: HailstackError): Promise<string> {
  const stamp = world.now().toISOString().replace(/[:.]/g, "-");
  const folder = await world.stateFile(`failures/${site.cluster}-${stamp}`);
  const reasons = error.problems.map(({ slug, message, where }) => `${slug}: ${message}${where ? ` (${where})` : ""}`);
  await world.files.writeAtomic(`${folder}/reasons.txt`, `${reasons.join("\n")}\n`, 0o600);
  for (const server of await ours(site, draft)) {
    const log = await site.cloud.consoleLog(server.id, consoleLines).catch(() => undefined);
    if (log) await world.files.writeAtomic(`${folder}/${server.name}.console.log`, log, 0o600);
  }
  return folder;
}
