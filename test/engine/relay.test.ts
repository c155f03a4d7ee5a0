import { createHash } from "node:crypto";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { key, lock, startRelay, type RelayRig } from "../support/relay-rig.ts";
import { s3Client } from "../support/s3.ts";
import { stores } from "../support/stores.ts";

describe.for(stores(inject("s3Endpoint")))("the relay before $name", (store) => {
  let rig: RelayRig;
  beforeEach(async () => void (rig = await startRelay(store, 200)));
  afterEach(() => rig.stop());

  test("serves nobody who was not told its key", async () => {
    const { endpoint, settings, proxy } = rig;
    const Bucket = settings.bucket;
    const stranger = s3Client({ endpoint, bucket: Bucket, access_key: "x", secret_key: "y" });
    await expect(stranger.send(new HeadObjectCommand({ Bucket, Key: key }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    expect((await fetch(`${endpoint}/${Bucket}/${key}`)).status).toBe(403);
    expect(proxy.passed).toEqual([]);
  });

  test("passes every operation of the engine on and its answer back", async () => {
    const { engine, settings, put, head, backUp, remove, stored } = rig;
    const get = (Key: string) => engine.send(new GetObjectCommand({ Bucket: settings.bucket, Key }));
    await put("other", "plain");
    await put("one");
    expect(await stored("plain")).toBe("other");
    const { Body, ETag } = await get("plain");
    const md5 = createHash("md5").update("other").digest("hex");
    expect([await Body?.transformToString(), ETag]).toEqual(["other", `"${md5}"`]);
    expect((await head(engine, "plain")).ContentLength).toBe(5);
    await backUp();
    expect(await stored(`${key}.bak`)).toBe("one");
    await remove("plain");
    await expect(head(engine, "plain")).rejects.toMatchObject({ name: "NotFound" });
    await expect(get("plain")).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  test("hands on what belongs to an object and nothing of the engine's own connection", async () => {
    const { engine, settings, proxy, relay } = rig;
    const object = { Bucket: settings.bucket, Key: key, Body: "{}" };
    // As the engine sends it, which strict stores refuse.
    const odd = { ContentType: "application/json", ChecksumSHA256: "UNSIGNED-PAYLOAD" };
    await engine.send(new PutObjectCommand({ ...object, ...odd }));
    const headers: Record<string, string> = proxy.passed.at(-1)?.headers ?? {};
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["x-amz-content-sha256"]).toBe(createHash("sha256").update("{}").digest("hex"));
    expect(headers["authorization"]).toContain(`Credential=${settings.access_key}/`);
    expect(Object.keys(headers).filter((name) => /checksum|amz-sdk|trailer|expect/.test(name))).toEqual([]);
    expect(JSON.stringify(headers)).not.toContain(relay.env.AWS_ACCESS_KEY_ID);
  });

  test("asks no other host than the store, whatever the path says", async () => {
    const { relay, endpoint, proxy } = rig;
    const authorization = `AWS4-HMAC-SHA256 Credential=${relay.env.AWS_ACCESS_KEY_ID}/x`;
    await fetch(`${endpoint}//elsewhere.invalid/key`, { headers: { authorization } });
    expect(proxy.passed.map(({ url }) => url)).toEqual(["//elsewhere.invalid/key"]);
  });

  test("refuses a body in signed chunks, which would be stored with its signatures", async () => {
    const { relay, endpoint, proxy, settings } = rig;
    const authorization = `AWS4-HMAC-SHA256 Credential=${relay.env.AWS_ACCESS_KEY_ID}/x`;
    const headers = { authorization, "content-encoding": "aws-chunked" };
    const { status } = await fetch(`${endpoint}/${settings.bucket}/${key}`, {
      method: "PUT",
      headers,
      body: "2;x\n{}",
    });
    expect(status).toBe(501);
    expect(proxy.passed).toEqual([]);
  });

  test("tells the engine nothing of the real keys", async () => {
    const { relay, settings, proxy, put } = rig;
    proxy.fail({ kind: "reset" });
    await put("1");
    const refused = await put("2", lock).catch((error: unknown) => error);
    const told = JSON.stringify([relay.env, String(refused), refused, await relay.settle()]);
    expect(told).toContain("StateStoreAway");
    for (const secret of [settings.secret_key, settings.access_key]) expect(told).not.toContain(secret);
  });
});
