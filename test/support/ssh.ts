/** Commands on a cluster's nodes, with the `ssh` program and a key, as a user would: workers through the master. */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Makes `<folder>/<name>` and `<name>.pub`; the public key. */
export async function makeKey(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path]);
  return readFileSync(`${path}.pub`, "utf8").trim();
}

/** Emulated processors need minutes to sshd when the lab is busy, and first boot restarts it once it is there. */
const usual = { connectMs: 600_000, pauseMs: 3_000 };

export type Nodes = {
  /** stdout of `command` in a shell on the node. @throws Error when the command fails, or there is no way in in time */
  run(node: string, command: string): Promise<string>;
};

export type Access = {
  user: string;
  /** Private key. */
  key: string;
  /** Public address. */
  master: string;
  /** Private address by name. */
  workers: Readonly<Record<string, string>>;
  /** Lines of known_hosts: nobody else is let pass for a node. Without them whoever answers first is. */
  knownHosts?: readonly string[];
  /** How long the way in is tried for, and how often. */
  patience?: { connectMs: number; pauseMs: number };
};

/** Node names are `master` and those of `workers`. */
export function openNodes(folder: string, access: Access): Nodes {
  const { user, key, master, workers, knownHosts, patience = usual } = access;
  const known = join(folder, "known_hosts");
  if (knownHosts) writeFileSync(known, `${knownHosts.join("\n")}\n`);
  const host = (name: string, address: string, more: readonly string[]) =>
    [`Host ${name}`, `  HostName ${address}`, ...more.map((line) => `  ${line}`)].join("\n");
  const config = [
    host("master", master, []),
    ...Object.entries(workers).map(([name, address]) => host(name, address, ["ProxyJump master"])),
    "Host *",
    `  User ${user}`,
    `  IdentityFile ${key}`,
    "  IdentitiesOnly yes",
    "  BatchMode yes",
    "  ConnectTimeout 20",
    "  LogLevel ERROR",
    `  StrictHostKeyChecking ${knownHosts ? "yes" : "accept-new"}`,
    `  UserKnownHostsFile ${known}`,
  ];
  const path = join(folder, "ssh_config");
  writeFileSync(path, `${config.join("\n")}\n`);
  return {
    async run(node, command) {
      const deadline = performance.now() + patience.connectMs;
      for (;;) {
        try {
          return (await run("ssh", ["-F", path, node, command], { timeout: patience.connectMs })).stdout.trim();
        } catch (error) {
          if (!isNoConnection(error) || performance.now() > deadline) throw error;
          await sleep(patience.pauseMs);
        }
      }
    },
  };
}

/** ssh's own exit code for whatever keeps it from running the command. */
const isNoConnection = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === 255;
