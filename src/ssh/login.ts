/** What we show a node to be let in: one key of a file, or those of the agent. Never both, so that no try is wasted. */
import { readFile } from "node:fs/promises";
import {
  BaseAgent,
  createAgent,
  utils,
  type AuthenticationType,
  type ParsedKey,
  type SigningRequestOptions,
} from "ssh2";
import { Exit, failure, type HailstackError } from "../errors.ts";
import type { NodesOptions } from "../world.ts";
import { isEncrypted, publicBlob } from "./key-file.ts";

export type Login = {
  method: AuthMethod;
  /** For people: `the key /home/a/.ssh/id`. */
  by: string;
};
type AuthMethod =
  | { type: Extract<AuthenticationType, "publickey">; username: string; key: ParsedKey }
  | { type: "agent"; username: string; agent: BaseAgent };

type Wanted = Pick<NodesOptions, "user" | "sshKey" | "publicKeys" | "env">;

/** @throws HailstackError (1) `ssh-key-unreadable` or `ssh-no-agent` */
export async function findLogin({ user: username, sshKey, publicKeys = [], env }: Wanted): Promise<Login> {
  const socket = env.SSH_AUTH_SOCK || undefined;
  if (sshKey !== undefined) return loginByFile(username, sshKey, socket);
  if (socket === undefined) {
    throw noAgent("no SSH agent runs here (SSH_AUTH_SOCK is not set), and --ssh-key names no key");
  }
  const agent = createAgent(socket);
  const held = await keysOf(agent, socket);
  if (held.length === 0) throw noAgent(`the SSH agent at ${socket} holds no key`);
  const wanted = new Set(publicKeys.map((key) => key.trim().split(/\s+/)[1]));
  const known = held.filter((key) => wanted.has(key.getPublicSSH().toString("base64")));
  // A server listens to three or so: those that cannot be right must not use them up.
  return byAgent(username, agent, known.length > 0 ? known : held);
}

async function loginByFile(username: string, path: string, socket: string | undefined): Promise<Login> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const why = code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "it may not be read" : String(code);
    throw unreadable(path, `the SSH key cannot be read: ${why}`, "correct --ssh-key, or the file's mode", cause);
  });
  if (isEncrypted(text)) return loginByEncrypted(username, path, text, socket);
  const parsed = utils.parseKey(text);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  const fix = "name a private key as ssh-keygen makes it: ed25519, ECDSA or RSA";
  if (key === undefined || key instanceof Error) {
    throw unreadable(path, "the file holds no SSH key of a kind that can be used here", fix);
  }
  if (!key.isPrivateKey()) throw unreadable(path, "the file holds a public key, and the private one is needed", fix);
  return { method: { type: "publickey", username, key }, by: `the key ${path}` };
}

/** Nobody is asked for a passphrase here; an agent that was told it once can sign instead. */
async function loginByEncrypted(
  username: string,
  path: string,
  text: string,
  socket: string | undefined,
): Promise<Login> {
  const fix = `let an agent hold it: ssh-add ${path}`;
  if (socket === undefined) {
    throw unreadable(path, "the SSH key is encrypted, and no SSH agent runs here that could hold it", fix);
  }
  const agent = createAgent(socket);
  const blob = await publicBlob(path, text);
  const key = (await keysOf(agent, socket)).find((one) => blob?.equals(one.getPublicSSH()));
  if (!key) throw unreadable(path, "the SSH key is encrypted, and the SSH agent does not hold it", fix);
  return byAgent(username, agent, [key]);
}

function keysOf(agent: BaseAgent, socket: string): Promise<ParsedKey[]> {
  return new Promise((resolve, reject) =>
    agent.getIdentities((error, keys) => {
      if (error) reject(noAgent(`the SSH agent at ${socket} does not answer`, error));
      else resolve((keys ?? []).filter((key): key is ParsedKey => typeof key === "object" && "getPublicSSH" in key));
    }),
  );
}

const byAgent = (username: string, agent: BaseAgent, keys: ParsedKey[]): Login => ({
  method: { type: "agent", username, agent: new ChosenKeys(agent, keys) },
  by: keys.length === 1 ? "the one key of the SSH agent" : `the ${keys.length} keys of the SSH agent`,
});

/** Some of an agent's keys. It is asked for them once, not at every connection. */
class ChosenKeys extends BaseAgent<ParsedKey> {
  readonly #agent: BaseAgent;
  readonly #keys: ParsedKey[];

  constructor(agent: BaseAgent, keys: ParsedKey[]) {
    super();
    this.#agent = agent;
    this.#keys = keys;
  }

  override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    done(null, this.#keys);
  }

  override sign(key: ParsedKey, data: Buffer, ...rest: SignRest): void {
    const [options, done] = rest;
    if (typeof options === "function") this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options ?? {}, done);
  }
}
type Signed = (error?: Error | null, signature?: Buffer) => void;
type SignRest = [options: SigningRequestOptions | Signed, done?: Signed];

const noAgent = (message: string, cause?: unknown): HailstackError =>
  failure(Exit.failed, "ssh-no-agent", message, "name a key with --ssh-key, or start an agent and ssh-add one", {
    cause,
  });

const unreadable = (where: string, message: string, fix: string, cause?: unknown): HailstackError =>
  failure(Exit.failed, "ssh-key-unreadable", message, fix, { where, cause });
