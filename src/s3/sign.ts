/** S3 requests signed by hand, for the relay: it forwards what the engine asks for, whatever that is. */
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { BucketSettings } from "../world.ts";
import type { Question } from "./exchange.ts";

/** The shape of hash the signer wants, over Node's own. */
class Sha256 {
  #hash: Hash | Hmac;
  constructor(secret?: string | Uint8Array | ArrayBuffer | ArrayBufferView) {
    // The signer passes strings and byte arrays only.
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as string | Uint8Array);
  }
  update(data: string | Uint8Array | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(data as string | Uint8Array);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {
    this.#hash = createHash("sha256");
  }
}

/** Adds the headers that prove the request is ours; any region will do for Ceph (engineering notes 2.2). */
export function openSigner({ access_key, secret_key }: BucketSettings) {
  const signer = new SignatureV4({
    credentials: { accessKeyId: access_key, secretAccessKey: secret_key },
    region: "us-east-1",
    service: "s3",
    sha256: Sha256,
    uriEscapePath: false,
  });
  return async ({ method, url, headers, body }: Question): Promise<Record<string, string>> => {
    const query: Record<string, string | string[]> = {};
    for (const key of new Set(url.searchParams.keys())) query[key] = url.searchParams.getAll(key);
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port ? { port: Number(url.port) } : {}),
      path: url.pathname,
      query,
      headers: { ...headers, host: url.host, "x-amz-content-sha256": createHash("sha256").update(body).digest("hex") },
      body,
    });
    return signed.headers;
  };
}
