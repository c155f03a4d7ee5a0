/** The `ssh_config` by which OpenSSH reaches a cluster's nodes as strictly as we do. Pure. */
import type { ClusterNode } from "./nodes.ts";

export type SshAccess = {
  /** The master first. */
  nodes: readonly ClusterNode[];
  user: string;
  /** Absolute path of a file whose hosts are server ids. */
  knownHosts: string;
  /** Absolute path of a private key; without one, the agent and OpenSSH's usual files. */
  sshKey?: string | undefined;
};

/** One host a node, by its name; workers through the master. */
export function sshConfig({ nodes, user, knownHosts, sshKey }: SshAccess): string {
  const [master] = nodes;
  const same = [
    `User ${user}`,
    ...(sshKey === undefined ? [] : [`IdentityFile ${quoted(sshKey)}`, "IdentitiesOnly yes"]),
    `UserKnownHostsFile ${quoted(knownHosts)}`,
    "GlobalKnownHostsFile /dev/null",
    "StrictHostKeyChecking yes",
    "UpdateHostKeys no",
    "ConnectTimeout 8",
    "ServerAliveInterval 10",
    "ServerAliveCountMax 3",
  ];
  const host = ({ id, name, address, role }: ClusterNode): string => {
    const jump = role === "worker" && master ? [`ProxyJump ${master.name}`] : [];
    return [`Host ${name}`, `HostName ${address}`, `HostKeyAlias ${id}`, ...jump, ...same].join("\n  ");
  };
  return `${nodes.map(host).join("\n\n")}\n`;
}

/** `%` begins what OpenSSH fills in. */
const quoted = (path: string): string => `"${path.replaceAll("%", "%%").replaceAll('"', String.raw`\"`)}"`;
