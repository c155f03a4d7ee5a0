import { describe, expect, test } from "vitest";
import { reportStatus, statusText, type Live } from "../../src/cluster/report.ts";
import { factsAfter, planOf, stateOf, type Fields } from "../support/plans.ts";

const config: Fields = {
  "cluster.name": "demo",
  "cluster.num_workers": 2,
  "volumes.create": true,
  "volumes.name": "my-data-vol",
  "volumes.size_gb": 500,
};
const plan = planOf(config);
function liveOf(of = plan): Live {
  const { servers, floatingIps, volumes } = factsAfter(of);
  const [volume] = volumes;
  return { servers, floatingIps, ...(volume ? { volume: { ...volume, sizeGib: 500 } } : {}) };
}
const report = (live: Live = liveOf(), state = stateOf(plan)) => reportStatus("demo", state, live, []);

test("a healthy cluster, in the contract's words and one line more", () => {
  expect(statusText(report())).toBe(
    [
      "Cluster: demo",
      "Bundle:  hail-0.2.137-gnomad-3.0.4-r2",
      "Master:  172.24.4.101 (m2.medium)",
      "Workers: 2",
      "  worker-01: 10.99.0.11",
      "  worker-02: 10.99.0.12",
      "Volume:  my-data-vol (500GB)",
      "State:   ready, 3 of 3 servers active",
    ].join("\n"),
  );
});

test("without a volume there is no line about one", () => {
  const bare = planOf({ "cluster.name": "demo", "cluster.num_workers": 1 });
  const text = statusText(reportStatus("demo", stateOf(bare), liveOf(bare), []));
  expect(text).not.toContain("Volume");
});

test("a volume of unknown size is shown without one", () => {
  const given = planOf({
    "cluster.name": "demo",
    "volumes.existing_volume_id": "1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11",
  });
  const { servers, floatingIps } = liveOf(given);
  const text = statusText(reportStatus("demo", stateOf(given), { servers, floatingIps }, []));
  expect(text).toContain("\nVolume:  1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11\n");
});

test("JSON has the contract's keys, and more", () => {
  expect(Object.keys(report()).toSorted()).toEqual([
    "bundle",
    "cluster_id",
    "cluster_name",
    "drift",
    "locked_by",
    "master",
    "state",
    "updated_at",
    "volume",
    "worker_count",
    "workers",
  ]);
  expect(report()).toMatchObject({
    bundle: "hail-0.2.137-gnomad-3.0.4-r2",
    cluster_name: "demo",
    master: { flavour: "m2.medium", ip: "172.24.4.101", name: "master" },
    volume: { name: "my-data-vol", size_gb: 500 },
    worker_count: 2,
    workers: [
      { ip: "10.99.0.11", name: "worker-01" },
      { ip: "10.99.0.12", name: "worker-02" },
    ],
  });
});

describe("drift is told", () => {
  const live = liveOf();
  const changed = (change: (live: Live) => void): Live => {
    const copy = structuredClone(live);
    change(copy);
    return copy;
  };

  test.for<[string, Live, string[]]>([
    [
      "a worker that is off",
      changed(({ servers }) => Object.assign(servers[1] ?? {}, { status: "SHUTOFF" })),
      ["worker-01 is SHUTOFF"],
    ],
    [
      "a worker in error, with Nova's reason",
      changed(({ servers }) => Object.assign(servers[2] ?? {}, { status: "ERROR", fault: "No valid host" })),
      ["worker-02 is ERROR: No valid host"],
    ],
    ["a master that is gone", changed(({ servers }) => void servers.shift()), ["master is gone"]],
    [
      "an address that leads nowhere",
      changed(({ floatingIps }) => Object.assign(floatingIps[0] ?? {}, { portId: null })),
      ["floating IP 172.24.4.101 is attached to nothing"],
    ],
    ["an address that is gone", { ...live, floatingIps: [] }, ["floating IP 172.24.4.101 is gone"]],
    ["a volume that is gone", { servers: live.servers, floatingIps: live.floatingIps }, ["volume demo-vol-id is gone"]],
    [
      "a volume that grew",
      changed(({ volume }) => Object.assign(volume ?? {}, { sizeGib: 600 })),
      ["volume demo-vol-id has 600 GiB, 500 are recorded"],
    ],
    [
      "an address that somebody gave to another server",
      changed(({ floatingIps }) => Object.assign(floatingIps[0] ?? {}, { portId: "other-port" })),
      ["floating IP 172.24.4.101 is attached to port other-port, which is not the cluster's"],
    ],
    [
      "a volume that hangs on another server",
      changed(({ volume }) =>
        Object.assign(volume ?? {}, { attachedTo: [{ serverId: "other-server", device: "/dev/vdb" }] }),
      ),
      ["volume demo-vol-id is attached to server other-server"],
    ],
    [
      "a volume that is off",
      changed(({ volume }) => Object.assign(volume ?? {}, { attachedTo: [] })),
      ["volume demo-vol-id is attached to nothing"],
    ],
  ])("%s", ([, seen, drift]) => {
    const told = report(seen);
    expect([told.state, told.drift]).toEqual(["drifted", drift]);
    expect(statusText(told)).toContain(`Drift:\n${drift.map((line) => `  ${line}`).join("\n")}`);
  });
});

test("a server that is not active has its state beside it", () => {
  const live = liveOf();
  Object.assign(live.servers[1] ?? {}, { status: "REBOOT" });
  expect(statusText(report(live)).split("\n")).toContain("  worker-01: 10.99.0.11  REBOOT");
  expect(statusText(report(live))).toContain("State:   drifted, 2 of 3 servers active");
});

test("a first create that never ended is shown as far as it came", () => {
  const state = stateOf(plan);
  const { outputs: _, ...rest } = state;
  const resources = state.resources.filter(({ name }) => name !== "demo-worker-02");
  const servers = liveOf().servers.map((server) => ({ ...server, addresses: ["10.99.9.9"] }));
  const told = report({ servers, floatingIps: [] }, { ...rest, resources });
  expect(told).toMatchObject({ state: "incomplete", worker_count: 1, volume: null, drift: [] });
  expect(statusText(told)).toBe(
    [
      "Cluster: demo",
      "Bundle:  unknown: no create has come to its end",
      "Master:  10.99.9.9",
      "Workers: 1",
      "  worker-01: 10.99.9.9",
      "State:   incomplete, 2 of 2 servers active",
    ].join("\n"),
  );
});

test("a first create that never ended takes from the config what it wanted", () => {
  const { outputs: _, ...rest } = stateOf(plan);
  const intended = { bundle: "b1", master_flavour: "m2.large" };
  const told = reportStatus("demo", { ...rest, resources: [] }, { servers: [], floatingIps: [] }, [], intended);
  expect(told).toMatchObject({ bundle: "b1", master: { flavour: "m2.large", ip: "", status: "not made" } });
});

test("workers that a later create began and did not finish are shown, and the cluster is not ready", () => {
  const larger = planOf({ ...config, "cluster.num_workers": 4 });
  const { resources } = stateOf(larger);
  const recorded = resources
    .filter(({ name }) => name !== "demo-worker-04")
    .map((one) => ({ ...one, unfinished: one.name === "demo-worker-03" }));
  const servers = liveOf(larger).servers.map((server) =>
    server.name === "demo-worker-03" ? { ...server, status: "ERROR", addresses: ["10.99.0.13"] } : server,
  );
  const told = report({ ...liveOf(), servers }, { ...stateOf(plan), resources: recorded });
  expect(told).toMatchObject({ state: "incomplete", worker_count: 3, drift: ["worker-03 is ERROR"] });
  expect(told.workers[2]).toEqual({ ip: "10.99.0.13", name: "worker-03", status: "ERROR" });

  const pending = [{ operation: "creating", name: "demo-worker-03", kind: "Instance" }];
  expect(report(liveOf(), { ...stateOf(plan), pending }).state).toBe("incomplete");
});

test("who holds the lock is shown", () => {
  const lock = { key: "k", pid: 7, username: "ann", hostname: "host", timestamp: "2026-01-02T03:04:05Z" };
  const told = reportStatus("demo", stateOf(plan), liveOf(), [lock]);
  expect(told.locked_by).toEqual([{ user: "ann", hostname: "host", pid: 7, since: "2026-01-02T03:04:05Z" }]);
  expect(statusText(told).split("\n").at(-1)).toBe("Locked:  by ann@host, process 7, since 2026-01-02T03:04:05Z");
});
