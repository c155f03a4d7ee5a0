import { expect, test } from "vitest";
import { workerName } from "../../src/cluster/names.ts";
import { hostLabel } from "../../src/config/host-label.ts";
import { planOf } from "../support/plans.ts";

test.for([
  [1, "worker-01"],
  [9, "worker-09"],
  [10, "worker-10"],
  [99, "worker-99"],
  [100, "worker-100"],
  [1000, "worker-1000"],
] as const)("worker %i is %s, however many there are", ([number, name]) => {
  expect(workerName(number)).toBe(name);
});

test("a server name that is a host label is the host name", () => {
  const name = `${"a".repeat(56)}-master`;
  expect(name).toHaveLength(63);
  expect(hostLabel(name)).toBe(name);
});

test("a longer one is cut, keeps its role and is told apart by a hash", () => {
  const label = hostLabel(`${"a".repeat(60)}-worker-07`);
  expect(label).toHaveLength(63);
  expect(label).toMatch(/^a+-[0-9a-f]{6}-worker-07$/);
});

test("no cut leaves a hyphen beside the hash's own", () => {
  expect(hostLabel(`${"a".repeat(45)}${"-".repeat(10)}b-worker-01`)).toMatch(/^a{45}-[0-9a-f]{6}-worker-01$/);
});

test("names that differ only beyond the cut stay different", () => {
  const head = "a".repeat(59);
  const labels = ["x", "y", "z"].map((tail) => hostLabel(`${head}${tail}-worker-01`));
  expect(new Set(labels).size).toBe(3);
});

test("the same name always gives the same label, on any machine", () => {
  expect(hostLabel(`${"a".repeat(63)}-master`)).toBe(`${"a".repeat(49)}-41c942-master`);
});

test.for([2, 50, 63])(
  "all of 1,000 workers of a cluster whose name has %i characters have host names of their own",
  (length) => {
    const { nodes } = planOf({ "cluster.name": "n".repeat(length), "cluster.num_workers": 1000 });
    const labels = nodes.map(({ hostname }) => hostname);
    expect(new Set(labels).size).toBe(1001);
    for (const label of labels) expect(label).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
  },
);

test("growing beyond 99 workers renames nobody", () => {
  const names = (count: number) =>
    planOf({ "cluster.num_workers": count }).nodes.map(({ name, hostname }) => [name, hostname]);
  expect(names(150).slice(0, 100)).toEqual(names(99));
});
