/** Host names of a cluster's nodes. */
import { createHash } from "node:crypto";

/** A host label is at most 63 characters (RFC 1035). */
export const maxHostLabel = 63;

/**
 * The host name of a node: its server name where that is a host label, else cut and made unique again by a hash, which
 * the same name always yields.
 */
export function hostLabel(serverName: string): string {
  if (serverName.length <= maxHostLabel) return serverName;
  const role = /-(master|worker-\d+)$/.exec(serverName)?.[0] ?? "";
  const digest = createHash("sha256").update(serverName).digest("hex").slice(0, 6);
  const head = serverName.slice(0, maxHostLabel - role.length - digest.length - 1).replace(/-+$/, "");
  return `${head}-${digest}${role}`;
}
