/** What stops `create` before anything is made: all of it in one run, exit 3, nothing written anywhere. */
import { afterEach, describe, expect, test } from "vitest";
import { bundleId, publicKey } from "../../support/rig.ts";
import { openRig, slugs, watched } from "./watched.ts";

const rig = await openRig({ cloud: { images: [{ name: `hailstack-${bundleId}` }] } });

async function expectEmptyBucket(): Promise<void> {
  expect(await rig.objects.etags()).toEqual({});
}
afterEach(expectEmptyBucket);
afterEach(() => void rig.configure());

test("everything that is missing is told in one run", async () => {
  rig.cloud.admin.setQuota({ port: 2, floatingip: 0 });
  rig.configure({
    "cluster.bundle": "hail-0.2.136-gnomad-3.0.4-r1",
    "cluster.master_flavour": "m9.huge",
    "cluster.network_name": "nowhere",
    "cluster.floating_ip_pool": "nothing",
    "cluster.num_workers": 12,
    "volumes.existing_volume_id": "11111111-2222-4333-8444-555555555555",
  });
  const run = await watched(rig, ["create"]);
  rig.cloud.admin.setQuota({ port: 500, floatingip: 50 });

  expect(run.code).toBe(3);
  const found = ["image-missing", "flavour-missing", "network-missing", "pool-missing", "volume-missing"];
  expect(slugs(run)).toEqual([...found, ...Array.from({ length: 3 }, () => "quota")]);
  expect(run.stderr).toContain("image 'hailstack-hail-0.2.136-gnomad-3.0.4-r1' not found. Run: hailstack build-image");
  expect(run.stderr).toContain("Network 'nowhere' not found");
  expect(run.stderr).toContain("instances: need 13, available 10, missing 3 (quota 10, in use 0)");
  expect(run.stderr).toContain("ports: need 13, available 2, missing 11");
  expect(run.stderr).toContain("floating_ips: need 1, available 0, missing 1");
  expect(run.writes).toEqual([]);
});

describe("something of the same name that is not ours", () => {
  test("is neither adopted nor touched", async () => {
    const { admin } = rig.cloud;
    const server = admin.addServer("c1-worker-01");
    const group = admin.addSecurityGroup("c1-master-sg");
    admin.addKeypair("c1-keypair", publicKey);
    const before = rig.cloud.objects();
    const run = await watched(rig, ["create", "--yes"]);

    expect(run.code).toBe(3);
    expect(slugs(run)).toEqual(["name-taken", "name-taken", "name-taken"]);
    expect(run.stderr).toContain(`a server 'c1-worker-01' exists that this cluster did not make (${server.id} of `);
    expect(run.stderr).toContain(`a security group 'c1-master-sg' exists that this cluster did not make (${group.id})`);
    expect(run.stderr).toContain("a keypair 'c1-keypair' exists that this cluster did not make");
    expect([run.writes, rig.cloud.objects()]).toEqual([[], before]);
  });
});

test("a password that the cloud refuses", async () => {
  const run = await rig.withEnv({ OS_PASSWORD: "wrong-canary" }).hailstack("create");

  expect(run.code).toBe(3);
  expect(run.stderr).toContain("authentication refused by 127.0.0.1");
  expect(run.stderr).not.toContain("wrong-canary");
});

test("no credentials at all are a matter of the environment", async () => {
  const none = Object.fromEntries(
    Object.keys(rig.env)
      .filter((name) => name.startsWith("OS_"))
      .map((name) => [name, undefined]),
  );
  const run = await watched(rig, () => rig.withEnv(none).hailstack("create"));

  expect(run.code).toBe(2);
  expect(run.calls).toEqual([]);
});
