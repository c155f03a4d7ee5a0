/** What can be told of a private key's file without its passphrase. */
import { readFile } from "node:fs/promises";
import { utils } from "ssh2";

const magic = "openssh-key-v1\0";

/** Either form says so itself: OpenSSH's names its cipher, the older ones have a line or a title. */
export function isEncrypted(text: string): boolean {
  const container = openSshContainer(text);
  if (container) return container.cipher !== "none";
  return /^Proc-Type: 4,ENCRYPTED/m.test(text) || text.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----");
}

/** The public half's bytes: OpenSSH's form has it in clear, beside the others `ssh-keygen` lays a `.pub`. */
export async function publicBlob(path: string, text: string): Promise<Buffer | undefined> {
  const container = openSshContainer(text);
  if (container) return container.publicKey;
  const beside = await readFile(`${path}.pub`, "utf8").catch(() => "");
  const key = utils.parseKey(beside);
  return key instanceof Error ? undefined : key.getPublicSSH();
}

/** PROTOCOL.key of OpenSSH: magic, cipher, kdf, its options, how many keys, the public one, then what is encrypted. */
function openSshContainer(text: string): { cipher: string; publicKey: Buffer } | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END OPENSSH PRIVATE KEY-----/.exec(text)?.[1];
  const bytes = Buffer.from(body ?? "", "base64");
  if (bytes.toString("latin1", 0, magic.length) !== magic) return undefined;
  let at = magic.length;
  const field = (): Buffer => {
    const length = at + 4 <= bytes.length ? bytes.readUInt32BE(at) : 0;
    const value = bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return value;
  };
  const cipher = field().toString();
  field();
  field();
  at += 4;
  return { cipher, publicKey: field() };
}
