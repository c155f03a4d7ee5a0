/** Keypairs: they belong to a user, not to a project. */
import { createHash } from "node:crypto";
import { type Call, param, projectOf, userOf } from "../core/call.ts";
import { isoMicros } from "../core/clock.ts";
import { type Answer, novaError } from "../core/errors.ts";
import { type Fields, textOf } from "../core/json.ts";
import type { Core } from "../core.ts";
import { type Keypair, keypairKey } from "../state.ts";
import { checkedBody, nameSchema } from "./body.ts";
import { pageOf } from "./paging.ts";

const allowedName = /^[\w\- ]+$/;
const allowedText = "[_- 0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ]";

export function createKeypair(call: Call): Answer {
  const { core, version } = call;
  const text = { type: "string" } as const;
  const fields = checkedBody(
    call,
    "keypair",
    {
      type: "object",
      properties: {
        name: nameSchema,
        ...(version >= 2 ? { type: { type: "string", enum: ["ssh", "x509"] } as const } : {}),
        public_key: text,
        ...(version >= 10 ? { user_id: text } : {}),
      },
      required: version >= 92 ? ["name", "public_key"] : ["name"],
      additionalProperties: false,
    },
    { everKnown: ["type", "user_id"] },
  );
  const name = textOf(fields.name) ?? "";
  if (!allowedName.test(name)) {
    const message = `An invalid 'name' value was provided. The name must be: Only expected characters: ${allowedText}`;
    throw novaError(400, message);
  }
  const userId = userOf(call);
  const limit = core.quotas.limit(projectOf(call), "key_pairs");
  const publicKey = textOf(fields.public_key) ?? "";
  if (fields.public_key === undefined) call.surprise("Nova was asked to make a key");
  if (limit >= 0 && keypairsOf(core, userId).length >= limit) {
    throw novaError(403, "Quota exceeded, too many key pairs.");
  }
  if (fingerprintOf(publicKey) === undefined) {
    throw novaError(400, "Keypair data is invalid: failed to generate fingerprint");
  }
  if (core.state.keypairs.has(keypairKey(userId, name))) {
    throw novaError(409, `Key pair '${name}' already exists.`);
  }
  const keypair = addKeypair(core, userId, name, publicKey);
  const view: Fields = { ...briefView(call, keypair), user_id: userId };
  return { status: version >= 2 ? 201 : 200, body: { keypair: view } };
}

/** @throws Error when the key is none */
export function addKeypair(core: Core, userId: string, name: string, publicKey: string): Keypair {
  const fingerprint = fingerprintOf(publicKey);
  if (fingerprint === undefined) throw new Error(`not an SSH public key: ${publicKey}`);
  const number = Math.max(0, ...[...core.state.keypairs.values()].map((keypair) => keypair.number)) + 1;
  const keypair = { number, name, type: "ssh", publicKey, fingerprint, userId, createdAt: core.clock.now() };
  core.state.keypairs.set(keypairKey(userId, name), keypair);
  return keypair;
}

/** MD5 of the key itself, in pairs of digits; undefined for what is no key. */
function fingerprintOf(publicKey: string): string | undefined {
  const [type, data] = publicKey.trim().split(/\s+/);
  if (data === undefined || !/^(ssh-|ecdsa-|sk-)/.test(type ?? "")) return undefined;
  const hash = createHash("md5").update(Buffer.from(data, "base64")).digest("hex");
  return hash.replaceAll(/(..)(?=.)/g, "$1:");
}

const keypairsOf = ({ state }: Core, userId: string): Keypair[] =>
  [...state.keypairs.values()].filter((keypair) => keypair.userId === userId);

export function listKeypairs(call: Call): Answer {
  const own = keypairsOf(call.core, userOf(call)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const paged = call.version >= 35 ? pageOf(call, own, ({ name }) => name, "keypairs") : { page: own, links: {} };
  return {
    status: 200,
    body: { keypairs: paged.page.map((keypair) => ({ keypair: briefView(call, keypair) })), ...paged.links },
  };
}

export function showKeypair(call: Call): Answer {
  const keypair = found(call);
  const view: Fields = {
    ...briefView(call, keypair),
    user_id: keypair.userId,
    created_at: isoMicros(keypair.createdAt),
    deleted: false,
    deleted_at: null,
    id: keypair.number,
    updated_at: null,
  };
  return { status: 200, body: { keypair: view } };
}

export function deleteKeypair(call: Call): Answer {
  const { userId, name } = found(call);
  call.core.state.keypairs.delete(keypairKey(userId, name));
  return { status: call.version >= 2 ? 204 : 202 };
}

function found(call: Call): Keypair {
  const keypair = call.core.state.keypairs.get(keypairKey(userOf(call), param(call, "name")));
  if (keypair === undefined) {
    throw novaError(404, `Keypair ${param(call, "name")} not found for user ${userOf(call)}`);
  }
  return keypair;
}

function briefView({ version }: Call, { name, publicKey, fingerprint, type }: Keypair): Fields {
  const view: Fields = { name, public_key: publicKey, fingerprint };
  return version >= 2 ? { ...view, type } : view;
}
