import { ListObjectsV2Command, PutObjectCommand, type ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { key, lock, startRelay, type RelayRig } from "../support/relay-rig.ts";
import { stores } from "../support/stores.ts";

const entries = ({ Contents = [] }: ListObjectsV2CommandOutput) =>
  Contents.map(({ Key, Size, ETag }) => ({ Key, Size, ETag }));
const timeOf = ({ Contents = [] }: ListObjectsV2CommandOutput) => Contents.find(({ Key }) => Key === key)?.LastModified;
/** The store writes down its own second. */
const apart = (one?: Date, other?: Date): number => Math.abs((one?.getTime() ?? 0) - (other?.getTime() ?? 0));

describe.for(stores(inject("s3Endpoint")))("the relay before $name", (store) => {
  let rig: RelayRig;
  beforeEach(async () => void (rig = await startRelay(store)));
  afterEach(() => rig.stop());
  const saveThrice = async () => {
    for (const body of ["1", "22", "333"]) await rig.save(body);
  };

  test("asks the store once for each checkpoint after the first three", async () => {
    const { asked, save, stored } = rig;
    await saveThrice();
    expect(await asked(() => save("4444"))).toEqual(["PUT"]);
    expect(await asked(() => save("55555"))).toEqual(["PUT"]);
    expect([await stored(), await stored(`${key}.bak`)]).toEqual(["55555", "1"]);
  });

  test("remembers exactly what the store would answer", async () => {
    const { put, head, list, engine, direct, asked } = rig;
    await put("x", `${key}.attrs`);
    await saveThrice();
    expect(await asked(() => Promise.all([head(engine), list(engine)]))).toEqual([]);
    const [known, real] = [await head(engine), await head(direct)];
    expect([known.ContentLength, known.ETag, known.ContentType]).toEqual([
      real.ContentLength,
      real.ETag,
      real.ContentType,
    ]);
    expect(apart(known.LastModified, real.LastModified)).toBeLessThanOrEqual(2_000);
    const [knownList, realList] = [await list(engine), await list(direct)];
    expect(entries(knownList)).toEqual(entries(realList));
    expect(entries(knownList).map(({ Key }) => Key)).toEqual([key, `${key}.attrs`, `${key}.bak`]);
    expect(apart(timeOf(knownList), timeOf(realList))).toBeLessThanOrEqual(2_000);
  });

  test.for([
    { what: "its own object", victim: key },
    { what: "an object whose key begins alike", victim: `${key}.gz` },
    { what: "its lock", victim: lock },
  ])("forgets all it knows when $what is deleted", async ({ victim }) => {
    const { put, remove, asked, list, head, engine } = rig;
    await put("lock", lock);
    await put("squeezed", `${key}.gz`);
    await saveThrice();
    await remove(victim);
    const methods = await asked(async () => {
      await list(engine);
      await head(engine).catch(() => {});
    });
    expect(methods).toEqual(["GET", "HEAD"]);
  });

  test("forgets all it knows when a write was refused: nobody can tell what is stored then", async () => {
    const { proxy, put, asked, head, engine } = rig;
    await saveThrice();
    proxy.fail({ kind: "refuse", status: 403, code: "AccessDenied" }, { method: "PUT" }, 1);
    await put("4444").catch(() => {});
    expect(await asked(() => head(engine))).toEqual(["HEAD"]);
  });

  test("knows nothing of what others wrote between two locks of the engine", async () => {
    const { direct, settings, put, head, engine, save, stored } = rig;
    await saveThrice();
    await direct.send(new PutObjectCommand({ Bucket: settings.bucket, Key: key, Body: "changed by another" }));
    await put("lock", lock);
    expect((await head(engine)).ContentLength).toBe("changed by another".length);
    await save("5");
    expect(await stored(`${key}.bak`)).toBe("changed by another");
  });

  test.for([
    ["a listing of other keys", { Prefix: `${key}.bak` }],
    ["a listing in other words", { Prefix: key, MaxKeys: 999 }],
  ] as const)("asks the store for %s", async ([, more]) => {
    const { asked, engine, settings } = rig;
    await saveThrice();
    const command = new ListObjectsV2Command({ Bucket: settings.bucket, ...more });
    expect(await asked(() => engine.send(command))).toEqual(["GET"]);
  });
});
