/** SSH host keys as text: in a server's console log, as fingerprints, in a known_hosts file. Pure. */
import { createHash } from "node:crypto";

/** Host keys by server id. A key is its type and its blob, `ssh-ed25519 AAAA…`, without a comment. */
export type KnownHosts = Readonly<Record<string, readonly string[]>>;

const pattern =
  /(?<![\w-])(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) (AAAA[A-Za-z0-9+/]+={0,2})(?![A-Za-z0-9+/=])/;

/** The key in a line, whatever stands around it. undefined when there is none, or not a whole one. */
export function hostKeyIn(line: string): string | undefined {
  const [, type, blob] = pattern.exec(line) ?? [];
  return type !== undefined && blob !== undefined && isWhole(type, blob) ? `${type} ${blob}` : undefined;
}

/** A blob is fields, each after its length in four bytes, of which the first repeats the type. */
function isWhole(type: string, blob: string): boolean {
  const bytes = Buffer.from(blob, "base64");
  if (bytes.toString("base64") !== blob) return false;
  const fields: Buffer[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUInt32BE(at);
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return at === bytes.length && fields.length > 1 && fields[0]?.toString() === type;
}

const begin = "-----BEGIN SSH HOST KEY KEYS-----";
const end = "-----END SSH HOST KEY KEYS-----";

/**
 * What cloud-init printed last, whole blocks only. Kernels and loggers put words before its lines, and between them.
 * undefined when no whole block holds a key.
 */
export function hostKeysOfConsole(log: string): string[] | undefined {
  let open: string[] | undefined;
  let last: string[] | undefined;
  for (const line of log.split(/\r\n|\r|\n/)) {
    if (line.includes(begin)) open = [];
    else if (line.includes(end)) {
      if (open !== undefined && open.length > 0) last = open;
      open = undefined;
    } else {
      const key = hostKeyIn(line);
      if (key !== undefined) open?.push(key);
    }
  }
  return last;
}

export const keyType = (key: string): string => key.split(" ")[0] ?? "";

/** As OpenSSH shows it: `SHA256:…`. */
export function fingerprint(key: string): string {
  const blob = Buffer.from(key.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** A known_hosts file in which a host is a server's id: addresses are used again by other servers, ids never. */
export function knownHostsText(hosts: KnownHosts): string {
  const lines = Object.entries(hosts).flatMap(([id, keys]) => keys.map((key) => `${id} ${key}\n`));
  return lines.toSorted().join("");
}

/** What knownHostsText wrote; other lines are passed over. */
export function readKnownHosts(text: string): KnownHosts {
  const hosts = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const id = /^([\w-]+) /.exec(line)?.[1];
    const key = hostKeyIn(line);
    if (id !== undefined && key !== undefined) hosts.set(id, [...(hosts.get(id) ?? []), key]);
  }
  return Object.fromEntries(hosts);
}
