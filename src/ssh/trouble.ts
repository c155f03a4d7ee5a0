/** Why a node could not be reached, in words a user can act on. Decided by kinds and codes, never by a library's wording. */
import { fingerprint, keyType } from "../cluster/host-keys.ts";
import { Exit, failure, type HailstackError } from "../errors.ts";
import type { NodeAddress } from "../world.ts";
import { readyTimeoutMs, sshPort } from "./limits.ts";

type Node = Pick<NodeAddress, "name" | "address" | "port">;
/** What is known of a connection that did not come to be. */
export type Attempt = {
  user: string;
  /** What was shown to get in, for people: `the key /home/a/.ssh/id`. */
  by: string;
  /** Keys are agreed on and the host's is right, so that only the login was left. */
  loggingIn: boolean;
};

/** ssh2 says at which step it failed; Node says which way a socket did. */
type Thrown = Error & { level?: string; code?: unknown };

const unreachable = new Set<unknown>(["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN"]);

/** undefined: the far side closed the connection without a word. */
export function connectTrouble(node: Node, error: Thrown | undefined, attempt: Attempt): HailstackError {
  if (error?.level === "client-timeout") return timedOut(node, error);
  if (unreachable.has(error?.code)) return timedOut(node, error);
  if (error?.level === "client-authentication" || attempt.loggingIn) return notLetIn(node, error, attempt);
  const why =
    error?.code === "ECONNREFUSED" ? "nothing listens there" : (error?.message ?? "the connection was closed");
  return refused(node, why, error);
}

const place = ({ address, port = sshPort }: Node): string => (port === sshPort ? address : `${address}:${port}`);

export const refused = (node: Node, why: string, cause?: unknown): HailstackError =>
  failure(
    Exit.failed,
    "ssh-refused",
    `SSH at ${place(node)} refuses the connection: ${why}`,
    `the node may still be starting; its console tells more: openstack console log show ${node.name}`,
    { where: node.name, cause },
  );

export const timedOut = (node: Node, cause?: unknown): HailstackError =>
  failure(
    Exit.failed,
    "ssh-timeout",
    `SSH at ${place(node)} does not answer within ${readyTimeoutMs / 1000} s`,
    "check that the server runs, that a route leads there, and that a security group admits this machine to port 22",
    { where: node.name, cause },
  );

function notLetIn(node: Node, error: Thrown | undefined, { user, by }: Attempt): HailstackError {
  const closed = error?.level !== "client-authentication" && error?.message;
  return failure(
    Exit.failed,
    "ssh-auth",
    `the node does not let '${user}' in with ${by}${closed ? `: ${closed}` : ""}`,
    "use the private half of one of ssh_keys.public_keys: --ssh-key FILE, or ssh-add FILE; while a node boots for the first time, try again",
    { where: node.name, cause: error },
  );
}

/** `shown`: as a line of known_hosts has it, without the host. */
export function wrongHostKey({ name, hostKeys }: NodeAddress, shown: string): HailstackError {
  const type = keyType(shown);
  const same = hostKeys.filter((key) => keyType(key) === type);
  const pinned = (same.length > 0 ? same : hostKeys).map((key) => `${fingerprint(key)} (${keyType(key)})`);
  return failure(
    Exit.failed,
    "ssh-host-key",
    `the node shows another host key than the one known for it: it shows ${fingerprint(shown)} (${type}), known is ${pinned.join(", ") || "none"}`,
    `if its server was rebuilt: hailstack ssh ${name} --accept-new-host-keys; if not, somebody may stand between, so find out first`,
    { where: name },
  );
}

export const lost = (node: string, program: string, cause?: unknown): HailstackError =>
  failure(
    Exit.failed,
    "ssh-lost",
    `the connection ended while ${program} ran there`,
    "run the same command again; if it ends again, the node or the way to it is in trouble",
    { where: node, cause },
  );
