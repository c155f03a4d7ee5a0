/** The plan against what the real engine makes of it. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { plannedResources } from "../../src/cluster/plan.ts";
import { withoutPending } from "../../src/cluster/state.ts";
import { checkpointKey, checkPassphrase, readState } from "../../src/cluster/store.ts";
import { openBucket } from "../../src/s3/bucket.ts";
import type { BucketSettings, Change } from "../../src/world.ts";
import { startEngine, type EngineCluster } from "../support/engine-cluster.ts";
import { refusedWith } from "../support/errors.ts";
import { startFaultyProxy, type FaultyProxy } from "../support/faulty-proxy.ts";
import { clusterId, planOf, type Fields } from "../support/plans.ts";
import { makeBucket, stores } from "../support/stores.ts";

const [own] = stores(inject("s3Endpoint"));
if (!own) throw new Error("the tests' own S3 server is always there");
const volumeId = "1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11";
const named = (changes: readonly Change[]) =>
  changes.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).toSorted();
const kept = { "cluster.num_workers": 2, "volumes.create": true, "volumes.size_gb": 1 };

describe("a stateless preview", () => {
  let settings: BucketSettings;
  let remove: () => Promise<void>;
  let engine: EngineCluster;
  beforeAll(async () => {
    ({ settings, remove } = await makeBucket(own));
    engine = await startEngine({ bucket: settings });
  });
  afterAll(async () => {
    await engine.stop();
    await remove();
  });

  test.for<[string, Fields, boolean]>([
    ["everything at once", { ...kept, "cluster.num_workers": 12, "cluster.lustre_network": "lustre_network" }, true],
    ["what was there before", { "cluster.floating_ip": "172.24.4.150", "volumes.existing_volume_id": volumeId }, false],
    [
      "narrowed and shut ports",
      {
        "cluster.monitoring": "none",
        "security_groups.allowed_cidrs": ["192.0.2.0/24", "198.51.100.0/24"],
        "security_groups.worker.all_tcp_internal": false,
      },
      false,
    ],
  ])("lists exactly the planned resources and writes nothing: %s", async ([, fields, spread]) => {
    const plan = planOf(fields, spread);
    const stacks = await engine.open(false);
    const changes = await stacks.preview(engine.program(plan), { stateless: true });
    await stacks.close();
    expect(named(changes)).toEqual(
      plannedResources(plan)
        .map(({ kind, name }) => `${kind} ${name}`)
        .toSorted(),
    );
    expect(new Set(changes.map(({ operation }) => operation))).toEqual(new Set(["create"]));
    expect(await openBucket(settings, fetch).list("")).toEqual([]);
    expect(engine.cloud.journal.filter(({ method, service }) => method !== "GET" && service !== "identity")).toEqual(
      [],
    );
  });
});

describe("a create", () => {
  let settings: BucketSettings;
  let remove: () => Promise<void>;
  let engine: EngineCluster;
  const plan = planOf(kept, true);
  beforeAll(async () => {
    ({ settings, remove } = await makeBucket(own));
    const users = [{ name: "demo", password: "canary-cloud", projects: ["demo"] }];
    engine = await startEngine({ bucket: settings, passphrase: "canary-passphrase", cloud: { users } });
    const stacks = await engine.open(false);
    await stacks.up(engine.program(plan));
    await stacks.close();
  });
  afterAll(async () => {
    await engine.stop();
    await remove();
  });
  const state = async () => (await readState(openBucket(settings, fetch), "c1")) ?? never();

  test("records exactly the planned resources", async () => {
    const { resources, pending } = await state();
    expect(resources.map(({ kind, name }) => `${kind} ${name}`).toSorted()).toEqual(
      plannedResources(plan)
        .map(({ kind, name }) => `${kind} ${name}`)
        .toSorted(),
    );
    expect(pending).toEqual([]);
  });

  test("gives everything our mark in the call that makes it", () => {
    const { servers, ports, securityGroups, floatingIps, volumes, rules, serverGroups } = engine.cloud.state;
    const mark = `hailstack:${clusterId}`;
    const ours = (all: Iterable<{ description?: string | null }>) =>
      [...all].filter(({ description }) => description?.includes(mark));
    expect(ours(ports.values())).toHaveLength(3);
    expect(ours(securityGroups.values())).toHaveLength(2);
    expect(ours(floatingIps.values())).toHaveLength(1);
    expect(ours(rules.values())).toHaveLength(plan.rules.length);
    expect([...serverGroups.values()].map(({ name }) => name)).toEqual([`c1-workers-${clusterId}`]);
    for (const { metadata } of [...servers.values(), ...volumes.values()])
      expect(metadata).toMatchObject({ hailstack_cluster_id: clusterId });
    expect(engine.cloud.surprises).toEqual([]);
  });

  test("is proved by its passphrase and by no other", async () => {
    await expect(checkPassphrase(await state(), "canary-passphrase", {})).resolves.toBeUndefined();
    expect((await refusedWith(checkPassphrase(await state(), "canary-other", {})))[1]).toBe("state-passphrase");
  });

  test("puts no secret, no first-boot data and no path of this machine into the state in clear", async () => {
    const bytes = await openBucket(settings, fetch).get(checkpointKey("c1"));
    const text = Buffer.from(bytes ?? []).toString();
    for (const secret of ["canary", settings.secret_key, "sourcePosition", process.cwd()]) {
      expect(text).not.toContain(secret);
    }
    const inputs = (await state()).resources
      .filter(({ kind }) => kind === "Instance")
      .map(({ inputs: { userData } }) => userData);
    expect(inputs).toHaveLength(3);
    for (const userData of inputs) expect(userData).toHaveProperty("ciphertext");
  });

  test("done again changes nothing", async () => {
    const stacks = await engine.open(true);
    const changes = await stacks.preview(engine.program(plan), { refresh: true });
    await stacks.close();
    expect(changes.filter(({ operation }) => operation !== "same" && operation !== "read")).toEqual([]);
  });

  test("with one worker more adds that worker's resources and touches no other", async () => {
    const stacks = await engine.open(true);
    const changes = await stacks.preview(engine.program(planOf({ ...kept, "cluster.num_workers": 3 }, true)));
    await stacks.close();
    expect(named(changes.filter(({ operation }) => operation !== "same"))).toEqual([
      "Instance c1-worker-03",
      "Port c1-worker-port-03",
    ]);
  });

  test("on another network says which property would replace a port", async () => {
    const stacks = await engine.open(true);
    const changes = await stacks.preview(
      engine.program(planOf({ ...kept, "cluster.network_name": "lustre_network" }, true)),
    );
    await stacks.close();
    const replaced = changes.filter(({ operation, type }) => operation === "replace" && type.endsWith(":Port"));
    expect(replaced.map(({ properties }) => properties)).toEqual([["networkId"], ["networkId"], ["networkId"]]);
  });
});

describe("a store that is lost in the middle of a create", () => {
  let settings: BucketSettings;
  let remove: () => Promise<void>;
  let proxy: FaultyProxy;
  let engine: EngineCluster;
  const plan = planOf({ "cluster.num_workers": 2 });
  const isState = /hailstack-c1\.json(\?|$)/;
  beforeAll(async () => {
    ({ settings, remove } = await makeBucket(own));
    proxy = await startFaultyProxy(own.endpoint);
    engine = await startEngine({ bucket: { ...settings, endpoint: proxy.endpoint }, patienceMs: 500 });
  });
  afterAll(async () => {
    await engine.stop();
    await proxy.stop();
    await remove();
  });

  test("stops the engine, and the kept state has all that was made", { timeout: 120_000 }, async () => {
    const stacks = await engine.open(false);
    const running = refusedWith(stacks.up(engine.program(plan)));
    await until(() => engine.cloud.state.servers.size > 0);
    proxy.fail({ kind: "refuse", status: 503, code: "SlowDown" });
    const [exitCode, slug, message] = await running;
    await stacks.close();
    expect([exitCode, slug]).toEqual([4, "state-not-saved"]);
    expect(message).toContain("/kept/here");
    const { servers, ports, securityGroups } = engine.cloud.state;
    const state = engine.kept() ?? "";
    const made = [...ports.keys(), ...securityGroups.keys()].filter((id) => securityGroups.get(id)?.name !== "default");
    expect(made.filter((id) => !state.includes(id))).toEqual([]);
    const begun = [...servers.values()].filter(({ id, name }) => !state.includes(id) && !state.includes(`::${name}"`));
    expect(begun).toEqual([]);
  });

  test("and put back later, that state is gone on with and nothing is made twice", { timeout: 120_000 }, async () => {
    proxy.heal();
    const bucket = openBucket(settings, fetch);
    for (const { key } of await bucket.list(".pulumi/locks/")) await bucket.delete(key);
    await bucket.put(checkpointKey("c1"), withoutPending(Buffer.from(engine.kept() ?? ""), "kept"));
    const recorded = new Set(((await readState(bucket, "c1")) ?? never()).resources.map(({ id }) => id));
    const unrecorded = [...engine.cloud.state.servers.keys()].filter((id) => !recorded.has(id));
    for (const id of unrecorded) engine.cloud.admin.deleteServer(id);
    const stacks = await engine.open(true);
    await stacks.up(engine.program(plan), { refresh: true });
    expect([...engine.cloud.state.servers.values()].map(({ name }) => name).toSorted()).toEqual([
      "c1-master",
      "c1-worker-01",
      "c1-worker-02",
    ]);
    await stacks.destroy();
    await stacks.close();
    expect([engine.cloud.state.servers.size, engine.cloud.state.ports.size]).toEqual([0, 0]);
  });

  test("for less than its patience is absorbed", { timeout: 120_000 }, async () => {
    const patient = await startEngine({ bucket: { ...settings, endpoint: proxy.endpoint }, patienceMs: 30_000 });
    try {
      for (const fault of [{ kind: "reset" }, { kind: "lose-answer" }, { kind: "html", status: 200 }] as const) {
        proxy.fail(fault, { method: "PUT", url: isState }, 2);
      }
      const stacks = await patient.open(false);
      await expect(stacks.up(patient.program(plan))).resolves.toMatchObject({ cluster_name: "c1" });
      expect(proxy.passed.filter(({ fault }) => fault === "html")).toHaveLength(2);
      await stacks.close();
    } finally {
      await patient.stop();
    }
  });
});

function never(): never {
  throw new Error("there is no state");
}

async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 5));
}
