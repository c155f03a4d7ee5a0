import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type CompletedPart,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { key, startRelay, type RelayRig } from "../support/relay-rig.ts";
import { stores } from "../support/stores.ts";

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

describe.for(stores(inject("s3Endpoint")))("a state that comes in parts, before $name,", (store) => {
  let rig: RelayRig;
  beforeEach(async () => void (rig = await startRelay(store, 4_000)));
  afterEach(() => rig.stop());

  const object = () => ({ Bucket: rig.settings.bucket, Key: key });
  const begin = async () => {
    const begun = await rig.engine.send(
      new CreateMultipartUploadCommand({ ...object(), ContentType: "application/json" }),
    );
    return begun.UploadId;
  };
  /** All at once, as the engine does. */
  const send = (UploadId: string | undefined, parts: readonly string[]): Promise<CompletedPart[]> =>
    Promise.all(
      parts.map(async (Body, index) => {
        const part = { PartNumber: index + 1, Body };
        const { ETag } = await rig.engine.send(new UploadPartCommand({ ...object(), UploadId, ...part }));
        return { ETag, PartNumber: index + 1 };
      }),
    );
  const complete = (UploadId: string | undefined, Parts: CompletedPart[]) =>
    rig.engine.send(new CompleteMultipartUploadCommand({ ...object(), UploadId, MultipartUpload: { Parts } }));

  test("is stored with one request, which may be sent again", async () => {
    const { proxy, engine, direct, head, stored } = rig;
    const parts = ["a".repeat(5 * 2 ** 20), "b".repeat(5 * 2 ** 20), "c".repeat(100)];
    proxy.fail({ kind: "lose-answer" }, { method: "PUT" }, 1);
    const id = await begin();
    const { ETag } = await complete(id, await send(id, parts));
    expect(proxy.passed.map(({ method }) => method)).toEqual(["PUT", "PUT"]);
    expect(ETag).toBe(`"${md5(parts.join(""))}"`);
    expect(md5((await stored()) ?? "")).toBe(md5(parts.join("")));
    expect((await head(engine)).ContentLength).toBe(10 * 2 ** 20 + 100);
    expect((await head(direct)).ContentType).toBe("application/json");
  });

  test("is kept as a whole when the store is away, never one of its parts", async () => {
    rig.proxy.fail({ kind: "reset" });
    const id = await begin();
    const parts = await send(id, ["one ", "two"]);
    expect(rig.kept()).toBeUndefined();
    await complete(id, parts);
    expect(rig.kept()).toBe("one two");
  });

  test("is not stored while a part is missing, or once it was given up", async () => {
    const id = await begin();
    const parts = await send(id, ["one"]);
    await expect(complete(id, [...parts, { PartNumber: 2, ETag: "x" }])).rejects.toMatchObject({ name: "InvalidPart" });
    await rig.engine.send(new AbortMultipartUploadCommand({ ...object(), UploadId: id }));
    await expect(complete(id, parts)).rejects.toMatchObject({ name: "NoSuchUpload" });
    expect(rig.proxy.passed).toEqual([]);
  });
});
