import { GetObjectCommand } from "@aws-sdk/client-s3";
import { afterEach, describe, expect, inject, test } from "vitest";
import type { Fault } from "../support/faulty-proxy.ts";
import { key, lock, startRelay, type RelayRig } from "../support/relay-rig.ts";
import { stores } from "../support/stores.ts";

const well = { kept: undefined, away: undefined, lockGone: false };
const busy: Fault = { kind: "refuse", status: 503, code: "SlowDown" };

describe.for(stores(inject("s3Endpoint")))("the relay, when $name is away", (store) => {
  let rig: RelayRig;
  afterEach(() => rig.stop());
  const start = async (patienceMs: number): Promise<RelayRig> => (rig = await startRelay(store, patienceMs));

  test.for<Fault>([
    { kind: "reset" },
    { kind: "lose-answer" },
    busy,
    { kind: "html", status: 200 },
    { kind: "html", status: 502 },
  ])("absorbs four requests that meet $kind $status", async (fault) => {
    const { save, proxy, stored, kept, waited, relay } = await start(20_000);
    await save("1");
    proxy.fail(fault, {}, 4);
    await save("22");
    expect(await stored()).toBe("22");
    expect(kept()).toBeUndefined();
    expect(waited.length).toBeGreaterThan(0);
    expect(await relay.settle()).toEqual(well);
  });

  test("never hands the engine half of a state", async () => {
    const { put, proxy, engine, settings } = await start(20_000);
    await put("x".repeat(50_000));
    proxy.fail({ kind: "truncate" }, { method: "GET" }, 2);
    const { Body } = await engine.send(new GetObjectCommand({ Bucket: settings.bucket, Key: key }));
    expect(await Body?.transformToString()).toBe("x".repeat(50_000));
  });

  test.for<Fault>([{ kind: "reset" }, busy, { kind: "html", status: 200 }])(
    "keeps the state when patience ends with $kind, and wants the engine to stop",
    async (fault) => {
      const { save, proxy, put, kept, asked, relay } = await start(200);
      await save("1");
      proxy.fail(fault, { method: "PUT" });
      // Refused, the engine would try it for half a minute more.
      await put("the last state");
      await relay.lost;
      expect(kept()).toBe("the last state");
      // The run is over: nobody shall wait for each of its last requests.
      expect(await asked(() => put("a later one"))).toEqual(["PUT"]);
      expect(kept()).toBe("a later one");
      expect((await relay.settle()).kept).toBe("/kept/here");
      // Nor in whatever this process does with the stack afterwards.
      expect(await asked(() => put("the last of all"))).toEqual(["PUT"]);
    },
  );

  test("keeps the state at once when the store refuses to take it", async () => {
    const { save, proxy, asked, put, kept } = await start(20_000);
    await save("1");
    proxy.fail({ kind: "refuse", status: 403, code: "AccessDenied" }, { method: "PUT" });
    expect(await asked(() => put("not taken"))).toEqual(["PUT"]);
    expect(kept()).toBe("not taken");
  });

  test("drops the kept state when the store takes a later one", async () => {
    const { proxy, put, kept, relay, stored } = await start(20_000);
    proxy.fail({ kind: "refuse", status: 403, code: "QuotaExceeded" }, { method: "PUT" }, 1);
    await put("not taken");
    await put("taken");
    expect([kept(), await stored()]).toEqual([undefined, "taken"]);
    // The engine was asked to stop, and somebody will want to know why.
    expect(await relay.settle()).toEqual({ ...well, away: "it answered 403" });
  });

  test("keeps no state for any other object", async () => {
    const { proxy, put, kept, relay } = await start(0);
    proxy.fail({ kind: "reset" });
    const refused = { name: "StateStoreAway", $metadata: { httpStatusCode: 403 } };
    await expect(put("a lock", lock)).rejects.toMatchObject(refused);
    await expect(put("a backup", `${key}.bak`)).rejects.toMatchObject(refused);
    expect(kept()).toBeUndefined();
    expect(await relay.settle()).toEqual({ ...well, away: "the connection broke off" });
  });

  test("says nothing of an outage that is over", async () => {
    const { proxy, head, engine, put, relay } = await start(0);
    proxy.fail({ kind: "reset" }, {}, 1);
    await head(engine).catch(() => {});
    await put("1");
    expect(await relay.settle()).toEqual(well);
  });

  test("keeps what was still on its way when the engine is gone", async () => {
    const { save, proxy, put, engine, relay, kept } = await start(20_000);
    await save("1");
    proxy.fail(busy);
    const writing = put("the last state").catch(() => "its answer reaches nobody");
    await until(() => proxy.passed.some(({ fault }) => fault !== undefined));
    engine.destroy();
    expect(await relay.settle()).toEqual({ ...well, kept: "/kept/here", away: "it answered 503" });
    expect(kept()).toBe("the last state");
    await writing;
  });

  test("never sends an older state after a newer one", async () => {
    const { save, proxy, put, stored, kept } = await start(20_000);
    await save("1");
    proxy.fail(busy, { method: "PUT" }, 4);
    const [older, newer] = [put("older").catch(() => "given up"), put("newer")];
    await newer;
    expect([await older, await stored(), kept()]).toEqual(["given up", "newer", undefined]);
    const sent = proxy.passed.filter(({ method }) => method === "PUT").map(({ body }) => body.toString());
    expect(sent.lastIndexOf("older")).toBeLessThan(sent.indexOf("newer"));
  });
});

async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 5));
}
