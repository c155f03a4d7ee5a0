/** Where everything about a cluster lies in the state bucket, and how it is read and written. */
import { createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { isDeepStrictEqual, promisify } from "node:util";
import * as z from "zod/mini";
import { Exit, failure, type HailstackError } from "../errors.ts";
import type { Bucket, Env } from "../world.ts";
import { generatedKey } from "./generated.ts";
import { knownHostsKey } from "./known-hosts.ts";
import { stackName } from "./names.ts";
import { readCheckpoint, type ClusterState } from "./state.ts";

const stacks = ".pulumi/stacks/hailstack/";
export const checkpointKey = (cluster: string): string => `${stacks}${stackName(cluster)}.json`;
export const locksPrefix = (cluster: string): string => `.pulumi/locks/organization/hailstack/${stackName(cluster)}/`;
const identityKey = (cluster: string): string => `hailstack/${cluster}/identity.json`;
const passphraseKey = (cluster: string): string => `hailstack/${cluster}/passphrase`;

/** Where a state is kept on this machine that the store would not take, below hailstack's own folder. */
export const keptStateFile = (cluster: string): string => `kept/${stackName(cluster)}.json`;

/** undefined when the bucket answers and has no such cluster. One request. @throws HailstackError (4) */
export async function readState(bucket: Bucket, cluster: string): Promise<ClusterState | undefined> {
  const key = checkpointKey(cluster);
  const bytes = await bucket.get(key);
  return bytes && readCheckpoint(bytes, key);
}

/** Puts a changed checkpoint back; nothing happens when there is none. */
export async function rewriteState(
  bucket: Bucket,
  cluster: string,
  change: (bytes: Uint8Array, key: string) => string,
): Promise<void> {
  const key = checkpointKey(cluster);
  const bytes = await bucket.get(key);
  if (bytes) await bucket.put(key, change(bytes, key));
}

/** Names of all clusters the bucket holds. One request. */
export async function listClusters(bucket: Bucket): Promise<string[]> {
  const prefix = `${stacks}${stackName("")}`;
  return (await bucket.list(prefix))
    .map(({ key }) => key.slice(prefix.length))
    .filter((rest) => rest.endsWith(".json") && !rest.includes("/"))
    .map((rest) => rest.slice(0, -".json".length));
}

/** What outlives every run of a cluster, from before its first resource. */
export const Identity = z.object({
  cluster_id: z.string(),
  project_id: z.string(),
  project: z.string(),
  region: z.string(),
  /** ISO 8601. */
  created_at: z.string(),
  /** What the first create set out to make (config/live.ts); as outputs say it once one has come to its end. */
  deployed_config: z.optional(z.record(z.string(), z.unknown())),
});
export type Identity = z.infer<typeof Identity>;

/** @throws HailstackError (4) when the object is none that hailstack wrote */
export async function readIdentity(bucket: Bucket, cluster: string): Promise<Identity | undefined> {
  const key = identityKey(cluster);
  const bytes = await bucket.get(key);
  const identity = bytes && Identity.safeParse(parsedJson(bytes));
  if (!identity || identity.success) return identity?.data;
  const message = "the cluster's identity in the state bucket is damaged";
  const fix = `put its earlier version back, or delete it: the id is in the metadata of the cluster's servers too`;
  throw failure(Exit.state, "identity-unreadable", message, fix, { where: key });
}

/** The identity that is there, or this one, whoever came first; what `wanted` says anew of the same id is stored. */
export async function ensureIdentity(bucket: Bucket, cluster: string, wanted: Identity): Promise<Identity> {
  const text = `${JSON.stringify(wanted, null, 2)}\n`;
  if (await bucket.putIfAbsent(identityKey(cluster), text)) return wanted;
  const there = (await readIdentity(bucket, cluster)) ?? wanted;
  if (there.cluster_id !== wanted.cluster_id) return there;
  if (!isDeepStrictEqual(there, wanted)) await bucket.put(identityKey(cluster), text);
  return wanted;
}

/** 64 random bits, in the form that tags, descriptions and names can carry. */
export const newClusterId = (): string => randomBytes(8).toString("hex");

/**
 * What encrypts the secrets in the state: the site's own (`HAILSTACK_STATE_PASSPHRASE`, then
 * `PULUMI_CONFIG_PASSPHRASE`), else the cluster's, 256 random bits in an object of its own.
 */
export async function readPassphrase(bucket: Bucket, cluster: string, env: Env): Promise<string | undefined> {
  const own = env.HAILSTACK_STATE_PASSPHRASE || env.PULUMI_CONFIG_PASSPHRASE;
  if (own) return own;
  const bytes = await bucket.get(passphraseKey(cluster));
  return bytes && Buffer.from(bytes).toString("utf8").trim();
}

/** As readPassphrase, made when there is none. */
export async function ensurePassphrase(bucket: Bucket, cluster: string, env: Env): Promise<string> {
  const there = await readPassphrase(bucket, cluster, env);
  if (there !== undefined) return there;
  const made = randomBytes(32).toString("base64url");
  if (await bucket.putIfAbsent(passphraseKey(cluster), made)) return made;
  return (await readPassphrase(bucket, cluster, env)) ?? made;
}

/** @throws HailstackError (4) when the state was encrypted with another passphrase */
export async function checkPassphrase(state: ClusterState, passphrase: string, env: Env): Promise<void> {
  if (state.salt === undefined || (await opensSalt(state.salt, passphrase))) return;
  const source = env.HAILSTACK_STATE_PASSPHRASE
    ? "HAILSTACK_STATE_PASSPHRASE"
    : env.PULUMI_CONFIG_PASSPHRASE
      ? "PULUMI_CONFIG_PASSPHRASE"
      : "the one in the state bucket";
  throw failure(
    Exit.state,
    "state-passphrase",
    `the state is encrypted with another passphrase than ${source}`,
    "set HAILSTACK_STATE_PASSPHRASE to the one this cluster was created with, or unset it if it had none of its own",
  );
}

/** Pulumi's salt is `v1:<salt>:v1:<nonce>:<text and tag>`, a known text under the passphrase (its config/crypt.go). */
async function opensSalt(salt: string, passphrase: string): Promise<boolean> {
  const [, base, , nonce, sealed] = salt.split(":").map((part) => Buffer.from(part, "base64"));
  if (!base || !nonce || !sealed) return false;
  const key = await promisify(pbkdf2)(passphrase, base, 1_000_000, 32, "sha256");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce);
    decipher.setAuthTag(sealed.subarray(-16));
    decipher.update(sealed.subarray(0, -16));
    decipher.final();
    return true;
  } catch {
    return false;
  }
}

/**
 * Removes what is left of a cluster once its stack is gone; its rollout manifests stay, as a record. Nothing happens
 * when another run has begun to make it anew meanwhile.
 */
export async function forgetCluster(bucket: Bucket, cluster: string): Promise<void> {
  const [locks, state] = await Promise.all([bucket.list(locksPrefix(cluster)), bucket.get(checkpointKey(cluster))]);
  if (locks.length > 0 || state) return;
  // The engine renames the state of a stack that goes; without its passphrase that is of use to nobody.
  const bak = `${checkpointKey(cluster)}.bak`;
  const own = [generatedKey, knownHostsKey, passphraseKey, identityKey].map((keyOf) => keyOf(cluster));
  for (const key of [bak, ...own]) await bucket.delete(key);
}

const LockContent = z.object({ pid: z.number(), username: z.string(), hostname: z.string(), timestamp: z.string() });
export type Lock = z.infer<typeof LockContent> & { key: string };

/** Who holds a cluster's lock; empty when nobody does. */
export async function readLocks(bucket: Bucket, cluster: string): Promise<Lock[]> {
  const locks: Lock[] = [];
  for (const { key, modified } of await bucket.list(locksPrefix(cluster))) {
    const bytes = await bucket.get(key);
    if (bytes) locks.push({ ...holderOf(bytes, modified), key });
  }
  return locks;
}

/** A lock is a lock whatever is in it: one that was cut short while it was written still has its place and its time. */
function holderOf(bytes: Uint8Array, modified: Date): z.infer<typeof LockContent> {
  const content = LockContent.safeParse(parsedJson(bytes));
  if (content.success) return content.data;
  return { pid: 0, username: "unknown", hostname: "unknown", timestamp: modified.toISOString() };
}

function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** `here` tells whether a lock of this machine is held by a process that still lives. */
export function lockedError(cluster: string, locks: readonly Lock[], now: Date, here: ThisMachine): HailstackError {
  const held = locks.map((lock) => {
    const minutes = Math.max(0, Math.round((now.getTime() - Date.parse(lock.timestamp)) / 60_000));
    return `${lock.username}@${lock.hostname}, process ${lock.pid}, for ${minutes} min${abandoned(lock, here) ? " (that process is gone)" : ""}`;
  });
  const dead = locks.every((lock) => abandoned(lock, here));
  return failure(
    Exit.state,
    dead ? "locked-abandoned" : "locked",
    `cluster '${cluster}' is locked by another run: ${held.join("; ")}`,
    dead
      ? "safe to release: hailstack unlock --config <the same file>"
      : "wait for it to end; if it never will, 'hailstack unlock --config <the same file>' releases the lock",
    { where: cluster },
  );
}

export type ThisMachine = { hostname: string; alive(pid: number): boolean };

/** Only of this machine can we tell that a process is gone. */
export const abandoned = (lock: Lock, here: ThisMachine): boolean =>
  lock.hostname === here.hostname && !here.alive(lock.pid);
