/**
 * SSH servers on loopback for one test: OpenSSH's own where this machine has it, else one in this process. Commands run
 * as whoever runs the tests, in that user's shell.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { Server, utils, type Connection, type ServerChannel } from "ssh2";

export type TestSshServer = {
  address: string;
  port: number;
  /** Public, as known_hosts has them. */
  hostKeys: string[];
  stop(): Promise<void>;
};
export type SshServerOptions = {
  address: string;
  /** Public keys that are let in. */
  admitted: readonly string[];
  /** What its port was before, and its host key: the same server, rebuilt. */
  port?: number;
};

export const user = userInfo().username;

/** A key pair with a comment; `passphrase` encrypts the private half. */
export function keyPair(passphrase?: string): { public: string; private: string } {
  return utils.generateKeyPairSync(
    "ed25519",
    passphrase === undefined ? {} : { passphrase, cipher: "aes256-ctr", rounds: 2 },
  );
}

/** Type and blob. */
export const bare = (publicKey: string): string => publicKey.trim().split(" ").slice(0, 2).join(" ");

const sshd = findSshd();
/** Whether the servers are OpenSSH's. */
export const isOpenSsh = sshd !== undefined;

export function startSshServer(options: SshServerOptions): Promise<TestSshServer> {
  return sshd === undefined ? startOwn(options) : startSshd(sshd, options);
}

/** One that would run as this user: root's needs a user and a folder that packages make. */
function findSshd(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-sshd-"));
  const config = join(folder, "sshd_config");
  writeFileSync(join(folder, "key"), keyPair().private, { mode: 0o600 });
  writeFileSync(config, `HostKey ${join(folder, "key")}\n`);
  try {
    return [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"]
      .map((place) => join(place, "sshd"))
      .find((path) => {
        try {
          accessSync(path, constants.X_OK);
          execFileSync(path, ["-t", "-f", config], { stdio: "ignore" });
          return true;
        } catch {
          return false;
        }
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function startSshd(program: string, { address, admitted, port: wanted }: SshServerOptions) {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-sshd-"));
  const port = wanted ?? (await freePort(address));
  const host = keyPair();
  writeFileSync(join(folder, "host_key"), host.private, { mode: 0o600 });
  writeFileSync(join(folder, "authorized_keys"), `${admitted.join("\n")}\n`, { mode: 0o600 });
  const config = [
    `ListenAddress ${address}:${port}`,
    `HostKey ${join(folder, "host_key")}`,
    `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
    "PidFile none",
    "StrictModes no",
    "PermitRootLogin yes",
    "PasswordAuthentication no",
    "MaxAuthTries 3",
    "UsePAM no",
    "PrintMotd no",
  ];
  writeFileSync(join(folder, "sshd_config"), `${config.join("\n")}\n`);
  const child = spawn(program, ["-D", "-e", "-f", join(folder, "sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await listening(child);
  return {
    address,
    port,
    hostKeys: [bare(host.public)],
    async stop() {
      child.kill();
      await once(child, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(child: ChildProcess): Promise<void> {
  let said = "";
  for await (const chunk of child.stderr ?? []) {
    said += String(chunk);
    if (said.includes("Server listening")) break;
  }
  if (!said.includes("Server listening")) throw new Error(`sshd does not start: ${said}`);
}

async function freePort(address: string): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, "listening");
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof bound !== "object" || !bound) throw new Error("no port");
  return bound.port;
}

async function startOwn({ address, admitted, port = 0 }: SshServerOptions): Promise<TestSshServer> {
  const host = keyPair();
  const keys = new Set(admitted.map((key) => bare(key).split(" ")[1]));
  const clients = new Set<Connection>();
  const server = new Server({ hostKeys: [host.private] }, (client) => {
    let tries = 0;
    clients.add(client);
    client.on("close", () => clients.delete(client));
    client.on("error", () => {});
    client.on("authentication", (context) => {
      const known = context.method === "publickey" && keys.has(context.key.data.toString("base64"));
      if (context.method === "none") context.reject(["publickey"]);
      else if (known && context.username === user) context.accept();
      else if (++tries < 3) context.reject(["publickey"]);
      else client.end();
    });
    client.on("session", (accept) =>
      accept().on("exec", (take, _, { command }) => {
        run(command, take());
      }),
    );
    client.on("tcpip", (accept, refuse, { destIP, destPort }) => {
      const socket = connect(destPort, destIP);
      socket.once("error", () => refuse());
      socket.once("connect", () => {
        const channel = accept();
        socket.removeAllListeners("error").on("error", () => channel.end());
        channel.pipe(socket).pipe(channel);
      });
    });
  });
  server.listen(port, address);
  await once(server, "listening");
  const bound = server.address();
  return {
    address,
    port: typeof bound === "object" && bound ? bound.port : port,
    hostKeys: [bare(host.public)],
    async stop() {
      for (const client of clients) client.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function run(command: string, channel: ServerChannel): void {
  const child = spawn(userInfo().shell ?? "/bin/sh", ["-c", command], { detached: true });
  channel.pipe(child.stdin).on("error", () => {});
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  channel.on("close", () => child.pid !== undefined && child.exitCode === null && process.kill(-child.pid));
  child.on("close", (code, signal) => {
    if (signal === null) channel.exit(code ?? 1);
    else channel.exit(signal.replace("SIG", ""));
    channel.end();
  });
}
