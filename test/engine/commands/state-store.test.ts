/** Trouble with the state bucket, and with the passphrase that opens what is in it. */
import { afterAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { startFaultyProxy } from "../../support/faulty-proxy.ts";
import { openRig, slugs, watched } from "./watched.ts";

const proxy = await startFaultyProxy(inject("s3Endpoint"));
afterAll(() => proxy.stop());
const rig = await openRig({ storeEndpoint: proxy.endpoint });

describe("a store that", () => {
  test.for([
    {
      what: "has no such bucket",
      fields: { "ceph_s3.bucket": "no-such-bucket" },
      slug: "store-no-bucket",
      says: "bucket 'no-such-bucket' does not exist at 127.0.0.1",
    },
    {
      what: "cannot be reached",
      fields: { "ceph_s3.endpoint": "http://127.0.0.1:1" },
      slug: "store-unreachable",
      says: "Unable to access Ceph S3 backend at 127.0.0.1:1",
    },
  ])("$what stops every command with 4, and is never taken for an empty one", async ({ fields, slug, says }) => {
    rig.configure(fields);
    onTestFinished(() => void rig.configure());

    for (const command of [
      ["create"],
      ["create", "--dry-run"],
      ["status"],
      ["destroy", "--yes", "c1"],
      ["unlock", "--yes"],
      ["list"],
    ]) {
      const run = await watched(rig, command);

      expect([command, run.code, slugs(run)]).toEqual([command, 4, [slug]]);
      expect(run.stderr).toContain(says);
      expect(run.writes).toEqual([]);
    }
  });

  test.for([
    { code: "InvalidAccessKeyId", says: "the store does not know these keys" },
    { code: "SignatureDoesNotMatch", says: "the store does not know these keys" },
    { code: "AccessDenied", says: "the store refuses to" },
  ])("answers $code stops create with 4", async ({ code, says }) => {
    proxy.fail({ kind: "refuse", status: 403, code });
    const run = await rig.hailstack("create");
    proxy.heal();

    expect([run.code, slugs(run)]).toEqual([4, ["store-denied"]]);
    expect(run.stderr).toContain(says);
    expect(rig.cloud.objects().servers).toEqual([]);
  });
});

test("keys that may not delete stop create, whose lock would stay for ever", async () => {
  proxy.fail({ kind: "refuse", status: 403, code: "AccessDenied" }, { method: "DELETE" });
  const run = await watched(rig, ["create"]);
  proxy.heal();

  expect([run.code, slugs(run), run.writes]).toEqual([4, ["store-denied"], []]);
  expect(run.stored).toEqual([expect.stringMatching(/^hailstack\/\.probe-/)]);
});

test.for([
  { what: "state", key: ".pulumi/stacks/hailstack/hailstack-c1.json", slug: "state-unreadable" },
  { what: "identity", key: "hailstack/c1/identity.json", slug: "identity-unreadable" },
])("a $what that is cut off in the middle stops create with 4", async ({ key, slug }) => {
  await rig.objects.put(key, '{"version": 3, "check');
  const run = await watched(rig, ["create"]);
  await rig.objects.delete(key);

  expect([run.code, slugs(run), run.writes, run.stored]).toEqual([4, [slug], [], []]);
  expect(run.stderr).toContain(`(${key})`);
});

describe("the state's passphrase", () => {
  const own = rig.withEnv({ HAILSTACK_STATE_PASSPHRASE: rig.passphrase });
  const wrong = rig.withEnv({ HAILSTACK_STATE_PASSPHRASE: "canary-another-passphrase" });

  test("can be the user's own, and is then stored nowhere", async () => {
    const run = await own.hailstack("create");

    expect(run.code).toBe(0);
    expect(Object.keys(await rig.objects.etags())).not.toContain("hailstack/c1/passphrase");
    expect((await watched(rig, () => own.hailstack("create"))).writes).toEqual([]);
  });

  test.for([
    { which: "another one", line: wrong, source: "HAILSTACK_STATE_PASSPHRASE" },
    { which: "none", line: rig, source: "the one in the state bucket" },
  ])("is told apart from $which before anything is done", async ({ line, source }) => {
    for (const command of [["create"], ["create", "--dry-run"], ["destroy", "--yes", "c1"]]) {
      const run = await watched(rig, () => line.hailstack(...command));

      expect([command, run.code, slugs(run)]).toEqual([command, 4, ["state-passphrase"]]);
      expect(run.stderr).toContain(`the state is encrypted with another passphrase than ${source}`);
      expect(run.writes).toEqual([]);
      expect(await rig.objects.etags()).not.toHaveProperty("hailstack/c1/passphrase");
    }
  });

  test("is not needed to look", async () => {
    expect((await rig.hailstack("status")).code).toBe(0);
  });

  test("opens the way to destroy", async () => {
    expect((await own.hailstack("destroy", "--yes", "c1")).code).toBe(0);
  });
});
