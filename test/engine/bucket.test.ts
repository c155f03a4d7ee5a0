import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { openFetch } from "../../src/net/http.ts";
import { openBucket } from "../../src/s3/bucket.ts";
import type { Bucket, BucketSettings } from "../../src/world.ts";
import { refusalOf, refusedWith } from "../support/errors.ts";
import { startFaultyProxy, type Fault, type FaultyProxy } from "../support/faulty-proxy.ts";
import { makeBucket, stores } from "../support/stores.ts";

const quick = { attempts: 3, quietMs: 400 };
const text = async (bucket: Bucket, key: string) => {
  const bytes = await bucket.get(key);
  return bytes && Buffer.from(bytes).toString("utf8");
};

describe.for(stores(inject("s3Endpoint")))("a bucket of $name", (store) => {
  let settings: BucketSettings;
  let remove: () => Promise<void>;
  let proxy: FaultyProxy;
  let bucket: Bucket;
  let host: string;

  beforeEach(async () => {
    ({ settings, remove } = await makeBucket(store));
    proxy = await startFaultyProxy(store.endpoint);
    host = new URL(proxy.endpoint).host;
    bucket = openBucket({ ...settings, endpoint: proxy.endpoint }, fetch, quick);
  });
  afterEach(async () => {
    await proxy.stop();
    await remove();
  });

  test("gives back what was put, byte for byte, and nothing after it was deleted", async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);
    await bucket.put("a/b c+d.json", bytes);
    expect(Buffer.compare(Buffer.from((await bucket.get("a/b c+d.json")) ?? []), bytes)).toBe(0);
    await bucket.delete("a/b c+d.json");
    expect(await bucket.get("a/b c+d.json")).toBeUndefined();
    await bucket.delete("a/b c+d.json");
  });

  test("keeps an empty object apart from none", async () => {
    await bucket.put("empty", "");
    expect(await text(bucket, "empty")).toBe("");
  });

  test("lists every key below a prefix, in order, and no other", async () => {
    for (const key of ["p/2", "p/1", "q/1", "p"]) await bucket.put(key, key);
    expect((await bucket.list("p/")).map(({ key }) => key)).toEqual(["p/1", "p/2"]);
    expect(await bucket.list("nothing/")).toEqual([]);
  });

  test("lets exactly one of twenty racers put what must not be there yet", async () => {
    const racers = Array.from({ length: 20 }, (_, number) => bucket.putIfAbsent("one", `racer ${number}`));
    const won = await Promise.all(racers);
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await text(bucket, "one")).toBe(`racer ${won.indexOf(true)}`);
  });

  test.for<Fault>([
    { kind: "reset" },
    { kind: "lose-answer" },
    { kind: "hang" },
    { kind: "refuse", status: 503, code: "SlowDown" },
    { kind: "refuse", status: 429, code: "TooManyRequests" },
    { kind: "html", status: 200 },
    { kind: "html", status: 404 },
  ])("outlives one request that meets $kind $status", async (fault) => {
    for (const method of ["PUT", "GET", "GET", "DELETE"]) proxy.fail(fault, { method }, 1);
    await bucket.put("key", "value");
    expect(await text(bucket, "key")).toBe("value");
    expect((await bucket.list("k")).map(({ key }) => key)).toEqual(["key"]);
    await bucket.delete("key");
    expect(await bucket.get("key")).toBeUndefined();
    expect(proxy.passed.filter((request) => request.fault)).toHaveLength(4);
  });

  test("takes no half of an object for the whole", async () => {
    await bucket.put("key", "x".repeat(10_000));
    proxy.fail({ kind: "truncate" }, { method: "GET" }, 1);
    expect(await text(bucket, "key")).toBe("x".repeat(10_000));
  });

  test("waits as long as something comes, however slowly it begins", async () => {
    await bucket.put("key", "value");
    proxy.fail({ kind: "delay", ms: 200 });
    expect(await text(bucket, "key")).toBe("value");
  });

  test("asks a dead store three times and says what it met", async () => {
    proxy.fail({ kind: "hang" });
    expect(await refusedWith(bucket.get("key"))).toEqual([
      4,
      "store-unreachable",
      `Unable to access Ceph S3 backend at ${host}: it did not answer in time (tried for 2 s)`,
    ]);
    expect(proxy.passed).toHaveLength(3);
  });

  test("never believes a page that came in the store's place", async () => {
    proxy.fail({ kind: "html", status: 200 });
    const message = `Unable to access Ceph S3 backend at ${host}: a web page (200) came instead of the store's answer`;
    const operations: (() => Promise<unknown>)[] = [
      () => bucket.get("key"),
      () => bucket.put("key", "value"),
      () => bucket.putIfAbsent("key", "value"),
      () => bucket.delete("key"),
      () => bucket.list("key"),
    ];
    for (const operation of operations) {
      const [exitCode, slug, said] = await refusedWith(operation);
      expect([exitCode, slug]).toEqual([4, "store-unreachable"]);
      expect(said).toContain(message);
    }
    proxy.heal();
    expect(await bucket.get("key")).toBeUndefined();
  });

  const refusals: { fault: Fault; slug: string; message: string }[] = [
    {
      fault: { kind: "refuse", status: 403, code: "SignatureDoesNotMatch" },
      slug: "store-denied",
      message: "the store does not know these keys (SignatureDoesNotMatch)",
    },
    {
      fault: { kind: "refuse", status: 403, code: "InvalidAccessKeyId" },
      slug: "store-denied",
      message: "the store does not know these keys (InvalidAccessKeyId)",
    },
    {
      fault: { kind: "refuse", status: 400, code: "XAmzContentSHA256Mismatch" },
      slug: "store-checksum",
      message: "the store refuses the checksum that this request carried",
    },
    {
      fault: { kind: "refuse", status: 503, code: "ServiceUnavailable" },
      slug: "store-failed",
      message: "the store answered 503 ServiceUnavailable",
    },
  ];
  test.for(refusals)("says what $fault.code means", async ({ fault, slug, message }) => {
    proxy.fail(fault);
    expect(await refusedWith(bucket.put("key", "value"))).toEqual([4, slug, message]);
  });

  test.for(["list", "put", "get", "delete"] as const)("names %s when that is what is denied", async (operation) => {
    proxy.fail({ kind: "refuse", status: 403, code: "AccessDenied" });
    const calls = {
      list: () => bucket.list("k"),
      put: () => bucket.put("k", "v"),
      get: () => bucket.get("k"),
      delete: () => bucket.delete("k"),
    };
    expect(await refusedWith(calls[operation])).toEqual([
      4,
      "store-denied",
      `the store refuses to ${operation} in bucket '${settings.bucket}'`,
    ]);
  });

  test("measures by how much the clocks differ when the store minds", async () => {
    const date = new Date(Date.now() + 1_200_000).toUTCString();
    proxy.fail({ kind: "refuse", status: 403, code: "RequestTimeTooSkewed", headers: { date } });
    const [exitCode, slug, message] = await refusedWith(bucket.get("key"));
    expect([exitCode, slug]).toEqual([4, "store-clock"]);
    expect(message).toMatch(/^this machine's clock and the store's differ by (1199|1200) s$/);
    expect(bucket.clockSkewSeconds()).toBeGreaterThan(1_190);
  });

  test("never takes a missing bucket for a missing object", async () => {
    const absent = openBucket({ ...settings, bucket: `${settings.bucket}-not` }, fetch, quick);
    const operations = [() => absent.get("key"), () => absent.list("k"), () => absent.put("key", "v")];
    for (const operation of [...operations, () => absent.delete("key"), () => absent.putIfAbsent("key", "v")]) {
      const { exitCode, problems } = await refusalOf(operation);
      expect(exitCode).toBe(4);
      expect(problems[0]).toMatchObject({
        slug: "store-no-bucket",
        message: `bucket '${settings.bucket}-not' does not exist at ${new URL(store.endpoint).host}`,
        fix: "create it, or correct ceph_s3.bucket",
      });
    }
  });

  test("reads a 404 without a reason as it must be meant, and never as a missing object", async () => {
    proxy.fail({ kind: "refuse", status: 404, code: "" });
    expect((await refusedWith(bucket.put("key", "v")))[1]).toBe("store-no-bucket");
    expect((await refusedWith(bucket.list("k")))[1]).toBe("store-no-bucket");
    expect((await refusedWith(bucket.get("key")))[1]).toBe("store-failed");
  });

  test("sends no checksum but the one that the gateway takes", async () => {
    await bucket.put("key", "value");
    await bucket.get("key");
    for (const { headers } of proxy.passed) {
      const names = Object.keys(headers).filter((name) => /checksum|trailer|content-encoding/.test(name));
      expect(names).toEqual([]);
      expect(headers["x-amz-content-sha256"]).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  test.runIf(store.checksKeys)("is told by the store itself that a key is wrong", async () => {
    const wrong = openBucket({ ...settings, secret_key: "canary-wrong" }, fetch, quick);
    const { exitCode, problems } = await refusalOf(wrong.list(""));
    expect([exitCode, problems[0]?.slug]).toEqual([4, "store-denied"]);
    expect(JSON.stringify(problems)).not.toContain("canary");
  });

  test("shows no key of the user in any refusal", async () => {
    const faults: Fault[] = [
      { kind: "reset" },
      { kind: "html", status: 403 },
      { kind: "refuse", status: 403, code: "X" },
    ];
    for (const fault of faults) {
      proxy.heal();
      proxy.fail(fault);
      const { problems } = await refusalOf(bucket.put("key", "value"));
      expect(JSON.stringify(problems)).not.toContain(settings.secret_key);
      expect(JSON.stringify(problems)).not.toContain(settings.access_key);
    }
  });
});

test("a store that nobody listens for is told by its address and what the machine said", async () => {
  const proxy = await startFaultyProxy("http://127.0.0.1:1");
  await proxy.stop();
  const { host } = new URL(proxy.endpoint);
  const settings = { endpoint: proxy.endpoint, bucket: "b", access_key: "a", secret_key: "s" };
  const bucket = openBucket(settings, await openFetch({ env: {} }), quick);
  const [exitCode, slug, message] = await refusedWith(bucket.list(""));
  expect([exitCode, slug]).toEqual([4, "store-unreachable"]);
  expect(message).toContain(`Unable to access Ceph S3 backend at ${host}: ${host} refused the connection`);
});
