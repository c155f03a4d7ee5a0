import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { lock, startRelay, type RelayRig } from "../support/relay-rig.ts";
import { stores } from "../support/stores.ts";

describe.for(stores(inject("s3Endpoint")))("the engine's lock before $name", (store) => {
  let rig: RelayRig;
  beforeEach(async () => void (rig = await startRelay(store, 200)));
  afterEach(() => rig.stop());

  /** As `pulumi cancel` or an `unlock` elsewhere does. */
  const releaseElsewhere = () => rig.direct.send(new DeleteObjectCommand({ Bucket: rig.settings.bucket, Key: lock }));

  test("that others release while states are saved makes the engine stop", async () => {
    const { put, save, relay, stored } = rig;
    await put("{}", lock);
    await save("1");
    expect((await relay.settle()).lockGone).toBe(false);
    await releaseElsewhere();
    await save("2");
    await relay.lost;
    // What was made until then is recorded all the same.
    expect(await stored()).toBe("2");
    expect(await relay.settle()).toEqual({ kept: undefined, away: undefined, lockGone: true });
  });

  test("that the engine itself releases is no loss", async () => {
    const { put, save, remove, relay } = rig;
    await put("{}", lock);
    await save("1");
    await remove(lock);
    await save("2");
    expect((await relay.settle()).lockGone).toBe(false);
  });

  test("is not given up because the store does not answer", async () => {
    const { put, save, proxy, relay } = rig;
    await put("{}", lock);
    proxy.fail({ kind: "reset" }, { method: "HEAD" });
    await save("1");
    expect((await relay.settle()).lockGone).toBe(false);
  });
});
