/** One connection to one node: its host key held to the pinned ones, one way of logging in. */
import type { Duplex } from "node:stream";
import { Client, type ServerHostKeyAlgorithm } from "ssh2";
import { hostKeyIn, keyType } from "../cluster/host-keys.ts";
import type { HailstackError } from "../errors.ts";
import type { NodeAddress, NodesOptions } from "../world.ts";
import { keepalive, readyTimeoutMs, sshPort } from "./limits.ts";
import type { Login } from "./login.ts";
import { connectTrouble, wrongHostKey } from "./trouble.ts";

export type Target = {
  node: NodeAddress;
  login: Login;
  /** A way through the master; without one, a socket of our own. */
  sock?: Duplex;
  /** As `NodesOptions` has it. */
  unknownHostKey?: NodesOptions["unknownHostKey"];
};

/** Ready for commands. @throws HailstackError (1) `ssh-refused`, `ssh-timeout`, `ssh-auth`, `ssh-host-key` */
export function connect({ node, login, sock, unknownHostKey }: Target): Promise<Client> {
  const { method, by } = login;
  return new Promise((resolve, reject) => {
    const client = new Client();
    let loggingIn = false;
    let refusal: HailstackError | undefined;
    const fail = (error?: Error) =>
      reject(refusal ?? connectTrouble(node, error, { user: method.username, by, loggingIn }));
    client.once("handshake", () => (loggingIn = true));
    client.once("ready", () => resolve(client));
    // Also for as long as it lives: an error of a connection in use shows in what uses it.
    client.on("error", fail);
    client.once("close", () => fail());
    client.connect({
      ...(sock ? { sock } : { host: node.address, port: node.port ?? sshPort }),
      ...keepalive,
      readyTimeout: readyTimeoutMs,
      username: method.username,
      authHandler: [method],
      algorithms: { serverHostKey: algorithms(node.hostKeys) },
      hostVerifier(blob: Buffer, verify: (right: boolean) => void) {
        judge(node, blob, unknownHostKey).then(
          () => verify(true),
          (error: HailstackError) => {
            refusal = error;
            verify(false);
          },
        );
      },
    });
  });
}

/** @throws HailstackError (1) unless the key is pinned, or may be new */
async function judge(node: NodeAddress, blob: Buffer, unknownHostKey: Target["unknownHostKey"]): Promise<void> {
  const type = blob.toString("latin1", 4, 4 + blob.readUInt32BE(0));
  const shown = hostKeyIn(`${type} ${blob.toString("base64")}`) ?? type;
  if (node.hostKeys.includes(shown)) return;
  if (node.hostKeys.length > 0 || unknownHostKey === undefined) throw wrongHostKey(node, shown);
  await unknownHostKey(node.name, shown);
}

const byType: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/** Those we have a pin for come first; a server without them shows another, and is refused with its fingerprint. */
function algorithms(pinned: readonly string[]): ServerHostKeyAlgorithm[] {
  const types = new Set(pinned.map(keyType));
  const all = Object.entries(byType);
  return [...all.filter(([type]) => types.has(type)), ...all.filter(([type]) => !types.has(type))].flatMap(
    ([, names]) => names,
  );
}
