import { expect, test } from "vitest";
import { firewallRules, worldOpenServices, type PlannedRule } from "../../src/cluster/firewall.ts";
import { configOf, type Fields } from "../support/plans.ts";

const rulesOf = (fields: Fields = {}): PlannedRule[] => firewallRules(configOf(fields));
const publicRules = (rules: readonly PlannedRule[]) => rules.filter(({ from }) => "cidr" in from);
const off = (role: "master" | "worker", except = ""): Fields => {
  const names = [
    "ssh",
    "http",
    "https",
    "spark_master",
    "spark_worker",
    "jupyter",
    "hdfs",
    "netdata",
    "all_tcp_internal",
  ];
  return Object.fromEntries(names.map((name) => [`security_groups.${role}.${name}`, name === except]));
};

test("a config that says nothing of it opens what the contract says", () => {
  const table = rulesOf().map(({ name, ports, from }) => [
    name,
    ports?.join("-") ?? "any",
    Object.values(from).join(""),
  ]);
  expect(table).toEqual([
    ["c1-master-sg-ssh", "22-22", "0.0.0.0/0"],
    ["c1-master-sg-http", "80-80", "0.0.0.0/0"],
    ["c1-master-sg-https", "443-443", "0.0.0.0/0"],
    ["c1-master-sg-spark_master", "7077-7077", "0.0.0.0/0"],
    ["c1-master-sg-jupyter", "8888-8888", "0.0.0.0/0"],
    ["c1-master-sg-hdfs", "9820-9820", "0.0.0.0/0"],
    ["c1-master-sg-netdata", "19999-19999", "0.0.0.0/0"],
    ["c1-worker-sg-spark_worker", "7078-7099", "0.0.0.0/0"],
    ["c1-worker-sg-hdfs", "9866-9866", "0.0.0.0/0"],
    ["c1-master-from-workers", "any", "worker"],
    ["c1-worker-from-master", "any", "master"],
    ["c1-worker-from-workers", "any", "worker"],
  ]);
});

test.for([
  ["master", "ssh", [22, 22]],
  ["master", "http", [80, 80]],
  ["master", "https", [443, 443]],
  ["master", "spark_master", [7077, 7077]],
  ["master", "jupyter", [8888, 8888]],
  ["master", "hdfs", [9820, 9820]],
  ["master", "netdata", [19999, 19999]],
  ["worker", "spark_worker", [7078, 7099]],
  ["worker", "hdfs", [9866, 9866]],
] as const)("%s.%s alone opens its own ports and no others", ([role, toggle, ports]) => {
  const other = role === "master" ? "worker" : "master";
  expect(publicRules(rulesOf({ ...off(role, toggle), ...off(other) }))).toEqual([
    { name: `c1-${role}-sg-${toggle}`, role, ports, from: { cidr: "0.0.0.0/0" } },
  ]);
});

test.for([
  ["master", "spark_worker"],
  ["master", "all_tcp_internal"],
  ["worker", "ssh"],
  ["worker", "http"],
  ["worker", "netdata"],
] as const)("%s.%s is accepted and opens nothing to the world", ([role, toggle]) => {
  const other = role === "master" ? "worker" : "master";
  expect(publicRules(rulesOf({ ...off(role, toggle), ...off(other) }))).toEqual([]);
});

test("without monitoring the port of Netdata stays shut, whatever its switch says", () => {
  const names = rulesOf({ "cluster.monitoring": "none", "security_groups.master.netdata": true }).map(
    ({ name }) => name,
  );
  expect(names).not.toContain("c1-master-sg-netdata");
});

test("each allowed range is a rule of its own, so that one can go without the others", () => {
  const rules = rulesOf({
    ...off("master", "ssh"),
    ...off("worker"),
    "security_groups.allowed_cidrs": ["192.0.2.0/24", "198.51.100.7/32"],
  });
  expect(publicRules(rules).map(({ name, from }) => [name, from])).toEqual([
    ["c1-master-sg-ssh-192.0.2.0_24", { cidr: "192.0.2.0/24" }],
    ["c1-master-sg-ssh-198.51.100.7_32", { cidr: "198.51.100.7/32" }],
  ]);
});

test("with the cluster's own traffic shut, a worker still takes SSH from the master and nothing else", () => {
  const rules = rulesOf({ "security_groups.worker.all_tcp_internal": false }).filter(({ from }) => "group" in from);
  expect(rules).toEqual([
    { name: "c1-master-from-workers", role: "master", from: { group: "worker" } },
    { name: "c1-worker-ssh-from-master", role: "worker", ports: [22, 22], from: { group: "master" } },
  ]);
});

test("no rule spans every port by a range, which Neutron would drop", () => {
  for (const { ports } of [...rulesOf(), ...rulesOf({ "security_groups.worker.all_tcp_internal": false })]) {
    expect(ports).not.toEqual([1, 65_535]);
  }
});

test("every rule has a name of its own", () => {
  const names = rulesOf({ "security_groups.allowed_cidrs": ["0.0.0.0/0", "192.0.2.0/24", "192.0.2.0/25"] }).map(
    ({ name }) => name,
  );
  expect(new Set(names).size).toBe(names.length);
});

test("services that ask for no password are named when the world may reach them", () => {
  expect(worldOpenServices(configOf())).toEqual([
    "master.spark_master",
    "master.hdfs",
    "master.netdata",
    "worker.spark_worker",
    "worker.hdfs",
  ]);
});

test("two halves of the world are the world", () => {
  const halves = { "security_groups.allowed_cidrs": ["0.0.0.0/1", "128.0.0.0/1"] };
  expect(worldOpenServices(configOf(halves))).toEqual(worldOpenServices(configOf()));
});

test.for<[string, Fields]>([
  ["the ranges are one large network's", { "security_groups.allowed_cidrs": ["10.0.0.0/8"] }],
  ["the ranges are narrowed", { "security_groups.allowed_cidrs": ["192.0.2.0/24"] }],
  ["their switches are off", { ...off("master", "https"), ...off("worker", "all_tcp_internal") }],
])("no service is named when %s", ([, fields]) => {
  expect(worldOpenServices(configOf(fields))).toEqual([]);
});

test("Netdata is not named where it does not run", () => {
  expect(worldOpenServices(configOf({ "cluster.monitoring": "none" }))).not.toContain("master.netdata");
});
