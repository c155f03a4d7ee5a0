/** Bucket over the AWS SDK, set up for Ceph's gateway. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { Exit, failure } from "../errors.ts";
import type { Bucket, BucketSettings } from "../world.ts";
import type { Fetch } from "../net/http.ts";
import { endpointUrl } from "./endpoint.ts";
import { fetchHandler, StoreAway, type Patience } from "./handler.ts";

/** First contact with a dead store ends within half a minute (reliability notes S01). */
const usual: Patience = { attempts: 3, quietMs: 9_000 };

/** Contacts nothing until its first call. */
export function openBucket(settings: BucketSettings, fetch: Fetch, patience = usual): Bucket {
  const url = endpointUrl(settings.endpoint);
  let skewSeconds: number | undefined;
  const client = new S3Client({
    endpoint: url.href,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: settings.access_key, secretAccessKey: settings.secret_key },
    // Streamed checksums are refused by the gateway (engineering notes 2.3).
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: 1,
    requestHandler: fetchHandler(fetch, patience, (date) => {
      skewSeconds = Math.round((date.getTime() - Date.now()) / 1000);
    }),
  });
  const Bucket = settings.bucket;

  async function call<T>(operation: string, key: string, work: () => Promise<T>): Promise<T> {
    const started = Date.now();
    try {
      return await work();
    } catch (error) {
      const seconds = Math.round((Date.now() - started) / 1000);
      throw explain(error, { operation, key, host: url.host, bucket: settings.bucket, skewSeconds, seconds });
    }
  }

  return {
    name: settings.bucket,
    host: url.host,
    clockSkewSeconds: () => skewSeconds,
    get: (key) =>
      call("get", key, async () => {
        const answer = await client.send(new GetObjectCommand({ Bucket, Key: key })).catch((error: unknown) => {
          if (error instanceof S3ServiceException && error.name === "NoSuchKey") return undefined;
          throw error;
        });
        return answer && (await answer.Body?.transformToByteArray());
      }),
    put: (key, body) =>
      call("put", key, async () => {
        await client.send(new PutObjectCommand({ Bucket, Key: key, Body: body }));
      }),
    putIfAbsent: (key, body) =>
      call("put", key, async () => {
        const command = new PutObjectCommand({ Bucket, Key: key, Body: body, IfNoneMatch: "*" });
        return client.send(command).then(
          () => true,
          (error: unknown) => {
            if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412) return false;
            throw error;
          },
        );
      }),
    delete: (key) =>
      call("delete", key, async () => {
        await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
      }),
    list: (prefix) =>
      call("list", prefix, async () => {
        const found: { key: string; modified: Date }[] = [];
        for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix: prefix })) {
          for (const { Key, LastModified } of page.Contents ?? []) {
            if (Key !== undefined) found.push({ key: Key, modified: LastModified ?? new Date(0) });
          }
        }
        return found;
      }),
  };
}

type Context = {
  operation: string;
  key: string;
  host: string;
  bucket: string;
  skewSeconds: number | undefined;
  /** How long the call took. */
  seconds: number;
};

/** The store's answer as one of ours; the SDK's own text is often just `UnknownError`. */
function explain(error: unknown, { operation, key, host, bucket, skewSeconds, seconds }: Context): Error {
  const where = `${operation} ${key || "/"} at ${host}`;
  const told = (slug: string, message: string, fix: string) =>
    failure(Exit.state, slug, message, fix, { where, cause: error });
  if (error instanceof StoreAway) {
    const tried = seconds > 0 ? ` (tried for ${seconds} s)` : "";
    return told(
      "store-unreachable",
      `Unable to access Ceph S3 backend at ${host}: ${error.message}${tried}`,
      "check ceph_s3.endpoint and the network, then run this again",
    );
  }
  if (!(error instanceof S3ServiceException)) return error instanceof Error ? error : new Error(String(error));
  const status = error.$metadata.httpStatusCode ?? 0;
  if (error.name === "NoSuchBucket" || (status === 404 && operation !== "get")) {
    return told(
      "store-no-bucket",
      `bucket '${bucket}' does not exist at ${host}`,
      "create it, or correct ceph_s3.bucket",
    );
  }
  if (error.name === "RequestTimeTooSkewed") {
    return told(
      "store-clock",
      `this machine's clock and the store's differ by ${Math.abs(skewSeconds ?? 0)} s`,
      "set this machine's clock (timedatectl set-ntp true)",
    );
  }
  if (error.name === "XAmzContentSHA256Mismatch") {
    return told(
      "store-checksum",
      "the store refuses the checksum that this request carried",
      "set AWS_REQUEST_CHECKSUM_CALCULATION=when_required on both sides of any S3 proxy",
    );
  }
  if (status === 403) {
    const keys = error.name === "SignatureDoesNotMatch" || error.name === "InvalidAccessKeyId";
    return told(
      "store-denied",
      keys
        ? `the store does not know these keys (${error.name})`
        : `the store refuses to ${operation} in bucket '${bucket}'`,
      keys
        ? "check ceph_s3.access_key and ceph_s3.secret_key"
        : `let this key list, get, put and delete in '${bucket}'`,
    );
  }
  return told(
    "store-failed",
    `the store answered ${status} ${error.name}`,
    "try again; if it stays, ask whoever runs the store",
  );
}
