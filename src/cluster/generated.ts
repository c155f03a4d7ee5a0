/**
 * What is made once for a cluster and must stay the same as long as it lives: the secrets its nodes share, and the salts
 * of the login's hashes, without which the same config would not give the same bytes. Kept beside the state, sealed with
 * the state's passphrase.
 */
import { createCipheriv, createDecipheriv, randomBytes, randomUUID, scrypt } from "node:crypto";
import { promisify } from "node:util";
import * as z from "zod/mini";
import { Exit, failure } from "../errors.ts";
import type { Bucket } from "../world.ts";

const Generated = z.object({
  /** Spark's RPC secret: 256 random bits, base64url. */
  spark_secret: z.string(),
  /** UUID, the only form Netdata takes. */
  netdata_key: z.string(),
  /** 16 random bytes each, base64. */
  web_salts: z.object({ nginx: z.string(), jupyter: z.string() }),
});
export type Generated = z.infer<typeof Generated>;

export const newGenerated = (): Generated => ({
  spark_secret: randomBytes(32).toString("base64url"),
  netdata_key: randomUUID(),
  web_salts: { nginx: newSalt(), jupyter: newSalt() },
});
const newSalt = (): string => randomBytes(16).toString("base64");

/** The values a node must not be asked for by anybody: for masking. */
export const generatedSecrets = ({ spark_secret, netdata_key }: Generated): string[] => [spark_secret, netdata_key];

export const generatedKey = (cluster: string): string => `hailstack/${cluster}/generated`;

/** The values that are there, or new ones, whoever came first. @throws HailstackError (4) */
export async function ensureGenerated(bucket: Bucket, cluster: string, passphrase: string): Promise<Generated> {
  const there = await readGenerated(bucket, cluster, passphrase);
  if (there) return there;
  const made = newGenerated();
  if (await bucket.putIfAbsent(generatedKey(cluster), await seal(JSON.stringify(made), passphrase))) return made;
  return (await readGenerated(bucket, cluster, passphrase)) ?? made;
}

/** undefined when none were made yet. @throws HailstackError (4) when they are damaged or sealed with another passphrase */
export async function readGenerated(
  bucket: Bucket,
  cluster: string,
  passphrase: string,
): Promise<Generated | undefined> {
  const key = generatedKey(cluster);
  const bytes = await bucket.get(key);
  if (!bytes) return undefined;
  const values = Generated.safeParse(await opened(Buffer.from(bytes).toString("utf8"), passphrase));
  if (values.success) return values.data;
  throw failure(
    Exit.state,
    "generated-unreadable",
    "the secrets that the cluster's nodes share cannot be opened: damaged, or sealed with another passphrase",
    "set HAILSTACK_STATE_PASSPHRASE to the one this cluster was created with, or put the object's earlier version back",
    { where: key },
  );
}

/* `v1:<salt>:<nonce>:<text and tag>`, base64; scrypt because a site's own passphrase may be a short one. */
const version = "v1";
const tagBytes = 16;
const keyFrom = (passphrase: string, salt: Buffer): Promise<Buffer> =>
  promisify<string, Buffer, number, Buffer>(scrypt)(passphrase, salt, 32);

async function seal(text: string, passphrase: string): Promise<string> {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv("aes-256-gcm", await keyFrom(passphrase, salt), nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return [version, ...[salt, nonce, sealed].map((part) => part.toString("base64"))].join(":");
}

/** undefined when it cannot be opened. */
async function opened(sealed: string, passphrase: string): Promise<unknown> {
  const [form, ...parts] = sealed.trim().split(":");
  const [salt, nonce, content] = parts.map((part) => Buffer.from(part, "base64"));
  if (form !== version || !salt || nonce?.length !== 12 || !content || content.length <= tagBytes) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", await keyFrom(passphrase, salt), nonce);
  decipher.setAuthTag(content.subarray(-tagBytes));
  try {
    const text = Buffer.concat([decipher.update(content.subarray(0, -tagBytes)), decipher.final()]);
    return JSON.parse(text.toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}
