/** `status` and `list`: few questions, no writes, the truth. */
import { afterAll, describe, expect, inject, test } from "vitest";
import { startFaultyProxy } from "../../support/faulty-proxy.ts";
import { named, openRig, slugs, succeeds, type Watched, watched } from "./watched.ts";

const proxy = await startFaultyProxy(inject("s3Endpoint"));
afterAll(() => proxy.stop());
const rig = await openRig({ storeEndpoint: proxy.endpoint, fields: { "volumes.create": true, "volumes.size_gb": 10 } });
const { admin, state } = rig.cloud;

async function look(...args: string[]): Promise<Watched & { questions: number }> {
  const mark = proxy.passed.length;
  const run = await watched(rig, async () => {
    const ran = await rig.hailstack(...args);
    questions = proxy.passed.slice(mark);
    return ran;
  });
  expect([run.writes, run.stored]).toEqual([[], []]);
  expect(questions.every(({ method }) => method === "GET")).toBe(true);
  return { ...run, questions: questions.length };
}
let questions: typeof proxy.passed = [];

describe("before there is a cluster", () => {
  test("status says so, with the names that there are", async () => {
    const run = await look("status");

    expect([run.code, slugs(run)]).toEqual([3, ["cluster-not-found"]]);
    expect(run.stderr).toContain("Cluster not found: 'c1' is not in bucket ");
  });

  test("list is empty", async () => {
    expect((await look("list")).stdout).toBe(`No clusters in bucket '${rig.bucket.bucket}'.\n`);
  });
});

describe("status of a healthy cluster", () => {
  test("is the contract's text, after few questions", async () => {
    await succeeds(rig, "create");
    const run = await look("status");

    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(
      /^Cluster: c1\nBundle: {2}hail-0\.2\.137-gnomad-3\.0\.4-r2\nMaster: {2}172\.24\.4\.\d+ \(m2\.medium\)\nWorkers: 2\n {2}worker-01: 10\.99\.\d+\.\d+\n {2}worker-02: 10\.99\.\d+\.\d+\nVolume: {2}c1-vol \(10GB\)\n/,
    );
    expect(run.stdout).toContain("State:   ready, 3 of 3 servers active");
    expect(run.questions).toBeLessThanOrEqual(3);
    expect(run.calls.length).toBeLessThanOrEqual(5);
  });

  test("is one line of JSON with sorted keys", async () => {
    const run = await look("status", "--json");
    const report = JSON.parse(run.stdout);

    expect(run.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(Object.keys(report)).toEqual(Object.keys(report).sort());
    expect(report).toMatchObject({
      bundle: "hail-0.2.137-gnomad-3.0.4-r2",
      cluster_name: "c1",
      drift: [],
      locked_by: [],
      master: { flavour: "m2.medium", name: "master", status: "ACTIVE" },
      state: "ready",
      volume: { name: "c1-vol", size_gb: 10, status: "in-use" },
      worker_count: 2,
      workers: [
        { name: "worker-01", status: "ACTIVE" },
        { name: "worker-02", status: "ACTIVE" },
      ],
    });
  });

  test("shows what is deployed, not what the config has become", async () => {
    rig.configure({ "cluster.num_workers": 7, "cluster.master_flavour": "m2.large", "volumes.create": false });
    const run = await look("status");
    rig.configure();

    expect(run.stdout).toContain("(m2.medium)\nWorkers: 2\n");
    expect(run.stdout).toContain("Volume:  c1-vol (10GB)");
  });

  test("needs neither passwords nor keys, nor a bundle that still exists", async () => {
    rig.configure({ "ssh_keys.public_keys": [], "cluster.bundle": "hail-0.1.0-gnomad-1.0.0-r1" });
    const run = await look("status");
    rig.configure();

    expect(run.code).toBe(0);
  });
});

describe("status of a cluster that has strayed", () => {
  test("names what is not as recorded, with Nova's reason", async () => {
    const { "c1-worker-01": failing, "c1-worker-02": lost } = named(state.servers);
    admin.failServer(failing?.id ?? "", "the host caught fire");
    admin.deleteServer(lost?.id ?? "");
    for (const address of state.floatingIps.values()) address.portId = null;
    const run = await look("status");

    expect(run.code).toBe(0);
    expect(run.stdout).toContain("worker-01 is ERROR: the host caught fire");
    expect(run.stdout).toContain("worker-02 is gone");
    expect(run.stdout).toMatch(/floating IP 172\.24\.4\.\d+ is attached to nothing/);
    expect(run.stdout).toContain("State:   drifted, 1 of 3 servers active");

    const report = JSON.parse((await look("status", "--json")).stdout);
    expect(report.state).toBe("drifted");
    expect(report.drift).toHaveLength(3);
    expect(report.workers).toMatchObject([{ status: "ERROR", fault: "the host caught fire" }, { status: "gone" }]);
  });

  test("shows who holds the lock", async () => {
    const key = ".pulumi/locks/organization/hailstack/hailstack-c1/a.json";
    const holder = { pid: 7, username: "alice", hostname: "far-away", timestamp: "2026-01-02T03:04:05Z" };
    await rig.objects.put(key, JSON.stringify(holder));
    const run = await look("status");
    await rig.objects.delete(key);

    expect(run.stdout).toContain("Locked:  by alice@far-away, process 7, since 2026-01-02T03:04:05Z");
    expect(run.questions).toBeLessThanOrEqual(3);
  });
});

describe("list", () => {
  test("shows each cluster and the servers that no state knows", async () => {
    const stray = admin.addServer("c9-master");
    stray.metadata = { cluster_name: "c9", hailstack_cluster_id: "0123456789abcdef" };
    const run = await look("list");

    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/^CLUSTER +WORKERS +ACTIVE +ADDRESS +BUNDLE +UPDATED\nc1 +2 +1\/3 +172\.24\.4\./);
    expect(run.stdout).toContain(`c9-master (${stray.id}) says it belongs to 'c9'`);

    const { clusters, strays } = JSON.parse((await look("list", "--json")).stdout);
    expect(clusters).toMatchObject([{ cluster: "c1", workers: 2, active: "1/3" }]);
    expect(strays).toEqual([{ server: "c9-master", id: stray.id, cluster: "c9", cluster_id: "0123456789abcdef" }]);
  });

  test("says nothing of servers in a project that it cannot see, and passes over a state that it cannot read", async () => {
    const key = (name: string) => `.pulumi/stacks/hailstack/hailstack-${name}.json`;
    const text = await rig.objects.get(key("c1"));
    const { project_id } = JSON.parse(await rig.objects.get("hailstack/c1/identity.json"));
    await rig.objects.put(key("theirs"), text.replaceAll(project_id, "another-project"));
    await rig.objects.put(key("torn"), text.slice(0, 100));
    const run = await look("list", "--json");
    for (const name of ["theirs", "torn"]) await rig.objects.delete(key(name));

    expect(run.code).toBe(0);
    expect(run.stderr + run.stdout).toContain("state-unreadable");
    const { clusters } = JSON.parse(run.stdout.trim().split("\n").at(-1) ?? "");
    expect(clusters).toMatchObject([
      { cluster: "c1", active: "1/3" },
      { cluster: "theirs", active: "?" },
    ]);
  });

  test("answers from the bucket alone where there is no cloud to ask", async () => {
    const run = await rig.withEnv({ OS_AUTH_URL: "http://127.0.0.1:1/identity/v3" }).hailstack("list");

    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/\nc1 +2 +\? /);
    expect(run.stderr).toContain("warning[");
  });
});
