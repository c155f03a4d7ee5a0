import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  AbortMultipartUploadCommand,
  UploadPartCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { openRelay, type Relay } from "../../src/s3/relay.ts";
import type { BucketSettings } from "../../src/world.ts";
import { startFaultyProxy, type Fault, type FaultyProxy } from "../support/faulty-proxy.ts";
import { s3Client } from "../support/s3.ts";
import { makeBucket, stores } from "../support/stores.ts";

const key = ".pulumi/stacks/hailstack/hailstack-c1.json";
const lock = ".pulumi/locks/organization/hailstack/hailstack-c1/1.json";

describe.for(stores(inject("s3Endpoint")))("the relay before $name", (store) => {
  let settings: BucketSettings;
  let remove: () => Promise<void>;
  let proxy: FaultyProxy;
  let relay: Relay;
  /** Through the relay, as the engine. */
  let engine: S3Client;
  /** Past it. */
  let direct: S3Client;
  let kept: Uint8Array | undefined;
  let waited: number[];

  const open = async (patienceMs: number): Promise<void> => {
    relay = await openRelay({
      bucket: { ...settings, endpoint: proxy.endpoint },
      fetch,
      checkpointKey: key,
      onWaiting: (seconds) => void waited.push(seconds),
      keep: async (state) => {
        kept = state;
        return "/kept/here";
      },
      discard: async () => void (kept = undefined),
      patienceMs,
    });
    engine = engineClient(relay, settings.bucket);
  };

  beforeEach(async () => {
    ({ settings, remove } = await makeBucket(store));
    proxy = await startFaultyProxy(store.endpoint);
    direct = s3Client(settings);
    [kept, waited] = [undefined, []];
    await open(20_000);
  });
  afterEach(async () => {
    engine.destroy();
    await relay.close();
    await proxy.stop();
    await remove();
  });

  const Bucket = () => settings.bucket;
  const put = (Body: string, Key = key) => engine.send(new PutObjectCommand({ Bucket: Bucket(), Key, Body }));
  const head = (client: S3Client, Key = key) => client.send(new HeadObjectCommand({ Bucket: Bucket(), Key }));
  const list = (client: S3Client) =>
    client.send(new ListObjectsV2Command({ Bucket: Bucket(), Prefix: key, Delimiter: "/", MaxKeys: 1000 }));
  const copy = () =>
    engine.send(
      new CopyObjectCommand({
        Bucket: Bucket(),
        Key: `${key}.bak`,
        CopySource: encodeURIComponent(`${Bucket()}/${key}`),
      }),
    );
  const get = async (Key = key) => {
    const { Body } = await direct.send(new GetObjectCommand({ Bucket: Bucket(), Key }));
    return Body?.transformToString();
  };
  const forget = (Key: string) => engine.send(new DeleteObjectCommand({ Bucket: Bucket(), Key }));
  /** What the engine does at each of its steps. */
  const save = async (body: string) => {
    await list(engine);
    const there = await head(engine).catch(() => undefined);
    if (there) await copy();
    await put(body);
  };
  const since = async (work: () => Promise<unknown>): Promise<string[]> => {
    const before = proxy.passed.length;
    await work();
    return proxy.passed.slice(before).map(({ method }) => method);
  };

  test("serves nobody who was not told its key", async () => {
    const stranger = s3Client({ endpoint: endpointOf(relay), bucket: Bucket(), access_key: "x", secret_key: "y" });
    await expect(stranger.send(new HeadObjectCommand({ Bucket: Bucket(), Key: key }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    expect((await fetch(`${endpointOf(relay)}/${Bucket()}/${key}`)).status).toBe(403);
    expect(proxy.passed).toEqual([]);
  });

  test("passes every operation of the engine on and its answer back", async () => {
    await put("other", "plain");
    await put("one");
    expect(await get("plain")).toBe("other");
    const { Body, ETag } = await engine.send(new GetObjectCommand({ Bucket: Bucket(), Key: "plain" }));
    expect([await Body?.transformToString(), ETag]).toEqual(["other", `"${md5("other")}"`]);
    expect((await head(engine, "plain")).ContentLength).toBe(5);
    await copy();
    expect(await get(`${key}.bak`)).toBe("one");
    await forget("plain");
    await expect(head(engine, "plain")).rejects.toMatchObject({ name: "NotFound" });
    await expect(engine.send(new GetObjectCommand({ Bucket: Bucket(), Key: "plain" }))).rejects.toMatchObject({
      name: "NoSuchKey",
    });
  });

  test("hands on what belongs to an object and nothing of the engine's own connection", async () => {
    await engine.send(
      new PutObjectCommand({
        Bucket: Bucket(),
        Key: key,
        Body: "{}",
        ContentType: "application/json",
        ChecksumSHA256: "UNSIGNED-PAYLOAD",
      }),
    );
    const headers: Record<string, string> = proxy.passed.at(-1)?.headers ?? {};
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["x-amz-content-sha256"]).toBe(createHash("sha256").update("{}").digest("hex"));
    expect(headers["authorization"]).toContain(`Credential=${settings.access_key}/`);
    expect(Object.keys(headers).filter((name) => /checksum|amz-sdk|trailer|expect/.test(name))).toEqual([]);
    expect(JSON.stringify(headers)).not.toContain(relay.env.AWS_ACCESS_KEY_ID);
  });

  test("asks the store once for each checkpoint after the first two", async () => {
    await since(() => save("1"));
    await since(() => save("22"));
    expect(await since(() => save("333"))).toEqual(["PUT"]);
    expect(await since(() => save("4444"))).toEqual(["PUT"]);
    expect([await get(), await get(`${key}.bak`)]).toEqual(["4444", "1"]);
  });

  test("remembers exactly what the store would answer", async () => {
    await put("neighbour", `${key}.bak`);
    await put("x", `${key}.attrs`);
    for (const body of ["1", "22", "333"]) await save(body);
    const asked = proxy.passed.length;
    const [known, knownList] = [await head(engine), await list(engine)];
    expect(proxy.passed).toHaveLength(asked);
    const [real, realList] = [await head(direct), await list(direct)];
    expect([known.ContentLength, known.ETag, known.ContentType]).toEqual([
      real.ContentLength,
      real.ETag,
      real.ContentType,
    ]);
    expect(apart(known.LastModified, real.LastModified)).toBeLessThanOrEqual(2_000);
    const plain = ({ Contents = [] }: typeof knownList) => Contents.map(({ Key, Size, ETag }) => ({ Key, Size, ETag }));
    expect(plain(knownList).filter(({ Key }) => Key !== `${key}.bak`)).toEqual(
      plain(realList).filter(({ Key }) => Key !== `${key}.bak`),
    );
    expect(plain(knownList).map(({ Key }) => Key)).toEqual([key, `${key}.attrs`, `${key}.bak`]);
    const time = ({ Contents = [] }: typeof knownList) => Contents.find(({ Key }) => Key === key)?.LastModified;
    expect(apart(time(knownList), time(realList))).toBeLessThanOrEqual(2_000);
  });

  test.for([
    { what: "its own object", victim: key },
    { what: "an object whose key begins alike", victim: `${key}.gz` },
    { what: "its lock", victim: lock },
  ])("forgets all it knows when $what is deleted", async ({ victim }) => {
    await put("lock", lock);
    await put("squeezed", `${key}.gz`);
    for (const body of ["1", "22", "333"]) await save(body);
    await forget(victim);
    const methods = await since(async () => {
      await list(engine);
      await head(engine).catch(() => {});
    });
    expect(methods).toEqual(["GET", "HEAD"]);
  });

  test("knows nothing of what others wrote between two locks of the engine", async () => {
    for (const body of ["1", "22", "333"]) await save(body);
    await direct.send(new PutObjectCommand({ Bucket: Bucket(), Key: key, Body: "changed by another" }));
    await put("lock", lock);
    expect((await head(engine)).ContentLength).toBe("changed by another".length);
    await save("5");
    expect(await get(`${key}.bak`)).toBe("changed by another");
  });

  test.for([
    ["a listing of other keys", { Prefix: `${key}.bak` }],
    ["a listing in another order of words", { Prefix: key, MaxKeys: 999 }],
  ] as const)("asks the store for %s", async ([, more]) => {
    for (const body of ["1", "22", "333"]) await save(body);
    const methods = await since(() => engine.send(new ListObjectsV2Command({ Bucket: Bucket(), ...more })));
    expect(methods).toEqual(["GET"]);
  });

  test.for<Fault>([
    { kind: "reset" },
    { kind: "lose-answer" },
    { kind: "refuse", status: 503, code: "SlowDown" },
    { kind: "html", status: 200 },
    { kind: "html", status: 502 },
  ])("absorbs an outage of six requests that meet $kind $status", async (fault) => {
    await save("1");
    proxy.fail(fault, {}, 6);
    await save("22");
    expect(await get()).toBe("22");
    expect(kept).toBeUndefined();
    expect(waited.length).toBeGreaterThan(0);
    expect(await relay.settle()).toEqual({ kept: undefined, away: undefined });
  });

  test("never hands the engine half of a state", async () => {
    await put("x".repeat(50_000));
    proxy.fail({ kind: "truncate" }, { method: "GET" }, 2);
    const { Body } = await engine.send(new GetObjectCommand({ Bucket: Bucket(), Key: key }));
    expect(await Body?.transformToString()).toBe("x".repeat(50_000));
  });

  test.for<Fault>([
    { kind: "reset" },
    { kind: "refuse", status: 503, code: "SlowDown" },
    { kind: "html", status: 200 },
  ])("keeps the state when patience ends with $kind, and wants the engine to stop", async (fault) => {
    await reopen(200);
    await save("1");
    proxy.fail(fault, { method: "PUT" });
    // Refused, the engine would try it for half a minute more.
    await put("the last state");
    await relay.lost;
    expect(Buffer.from(kept ?? []).toString()).toBe("the last state");
    // The run is over: nobody shall wait for each of its last requests.
    const again = await since(() => put("tried again"));
    expect(again).toEqual(["PUT"]);
    expect(Buffer.from(kept ?? []).toString()).toBe("tried again");
    expect((await relay.settle()).kept).toBe("/kept/here");
  });

  test("keeps the state at once when the store refuses to take it", async () => {
    await save("1");
    proxy.fail({ kind: "refuse", status: 403, code: "AccessDenied" }, { method: "PUT" });
    expect(await since(() => put("not taken"))).toEqual(["PUT"]);
    expect(Buffer.from(kept ?? []).toString()).toBe("not taken");
  });

  test("drops the kept state when the store takes a later one", async () => {
    proxy.fail({ kind: "refuse", status: 403, code: "QuotaExceeded" }, { method: "PUT" }, 1);
    await put("not taken").catch(() => {});
    await put("taken");
    expect([kept, await relay.settle()]).toEqual([undefined, { kept: undefined, away: undefined }]);
    expect(await get()).toBe("taken");
  });

  test("keeps no state for any other object", async () => {
    await reopen(0);
    proxy.fail({ kind: "reset" });
    await put("a lock", lock).catch(() => {});
    await put("a backup", `${key}.bak`).catch(() => {});
    expect(kept).toBeUndefined();
    expect(await relay.settle()).toEqual({ kept: undefined, away: "the connection broke off" });
  });

  test("forgets a store that came back", async () => {
    await reopen(0);
    proxy.fail({ kind: "reset" }, {}, 1);
    await head(engine).catch(() => {});
    await put("1");
    expect(await relay.settle()).toEqual({ kept: undefined, away: undefined });
  });

  test("keeps what was still on its way when the engine is gone", async () => {
    await save("1");
    proxy.fail({ kind: "refuse", status: 503, code: "SlowDown" });
    const writing = put("the last state").catch(() => {});
    await until(() => proxy.passed.some(({ fault }) => fault !== undefined));
    engine.destroy();
    expect(await relay.settle()).toEqual({ kept: "/kept/here", away: "it answered 503" });
    expect(Buffer.from(kept ?? []).toString()).toBe("the last state");
    await writing;
  });

  test("never sends an older state after a newer one", async () => {
    await save("1");
    proxy.fail({ kind: "refuse", status: 503, code: "SlowDown" }, { method: "PUT" }, 4);
    const [older, newer] = [put("older").catch(() => "given up"), put("newer")];
    await newer;
    expect(await older).toBe("given up");
    expect(await get()).toBe("newer");
    expect(kept).toBeUndefined();
    const sent = proxy.passed.filter(({ method }) => method === "PUT").map(({ body }) => body.toString());
    expect(sent.lastIndexOf("older")).toBeLessThan(sent.indexOf("newer"));
  });

  test("takes a large state in parts and stores it with one request", async () => {
    const parts = ["a".repeat(5 * 2 ** 20), "b".repeat(5 * 2 ** 20), "c".repeat(100)];
    const { UploadId } = await engine.send(
      new CreateMultipartUploadCommand({ Bucket: Bucket(), Key: key, ContentType: "application/json" }),
    );
    const done = await Promise.all(
      parts.map(async (Body, index) => {
        const PartNumber = index + 1;
        const { ETag } = await engine.send(
          new UploadPartCommand({ Bucket: Bucket(), Key: key, UploadId, PartNumber, Body }),
        );
        return { ETag, PartNumber };
      }),
    );
    proxy.fail({ kind: "lose-answer" }, { method: "PUT" }, 1);
    const { ETag } = await engine.send(
      new CompleteMultipartUploadCommand({ Bucket: Bucket(), Key: key, UploadId, MultipartUpload: { Parts: done } }),
    );
    expect(proxy.passed.map(({ method }) => method)).toEqual(["PUT", "PUT"]);
    expect(ETag).toBe(`"${md5(parts.join(""))}"`);
    expect(md5((await get()) ?? "")).toBe(md5(parts.join("")));
    expect((await head(engine)).ContentLength).toBe(10 * 2 ** 20 + 100);
    expect((await head(direct)).ContentType).toBe("application/json");
  });

  test("keeps the whole of a large state, never one of its parts", async () => {
    await reopen(0);
    proxy.fail({ kind: "reset" });
    const upload = { Bucket: Bucket(), Key: key };
    const { UploadId } = await engine.send(new CreateMultipartUploadCommand(upload));
    for (const [PartNumber, Body] of [
      [1, "one "],
      [2, "two"],
    ] as const) {
      await engine.send(new UploadPartCommand({ ...upload, UploadId, PartNumber, Body }));
    }
    const Parts = [{ PartNumber: 1 }, { PartNumber: 2 }];
    const complete = new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } });
    await engine.send(complete);
    expect(Buffer.from(kept ?? []).toString()).toBe("one two");
  });

  test("joins no upload that lacks a part, or was given up", async () => {
    const upload = { Bucket: Bucket(), Key: key };
    const { UploadId } = await engine.send(new CreateMultipartUploadCommand(upload));
    await engine.send(new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: "one" }));
    const Parts = [{ PartNumber: 1 }, { PartNumber: 2 }];
    const complete = new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } });
    await expect(engine.send(complete)).rejects.toMatchObject({ name: "InvalidPart" });
    await engine.send(new AbortMultipartUploadCommand({ ...upload, UploadId }));
    await expect(engine.send(complete)).rejects.toMatchObject({ name: "NoSuchUpload" });
    expect(proxy.passed).toEqual([]);
  });

  test("tells the engine nothing of the real keys", async () => {
    await reopen(0);
    await put("1");
    proxy.fail({ kind: "reset" });
    const refused = await put("2").catch((error: unknown) => error);
    const told = JSON.stringify([relay.env, String(refused), refused, await relay.settle()]);
    for (const secret of [settings.secret_key, settings.access_key]) expect(told).not.toContain(secret);
  });

  async function reopen(patienceMs: number): Promise<void> {
    engine.destroy();
    await relay.close();
    await open(patienceMs);
  }
});

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const apart = (one?: Date, other?: Date): number => Math.abs((one?.getTime() ?? 0) - (other?.getTime() ?? 0));
const endpointOf = (relay: Relay): string => new URL(relay.env.PULUMI_BACKEND_URL).searchParams.get("endpoint") ?? "";

/** Tries once, so that a refusal is seen as it is. */
function engineClient(relay: Relay, bucket: string): S3Client {
  const { AWS_ACCESS_KEY_ID: access_key, AWS_SECRET_ACCESS_KEY: secret_key } = relay.env;
  return s3Client({ endpoint: endpointOf(relay), bucket, access_key, secret_key }, 1);
}

async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 5));
}
