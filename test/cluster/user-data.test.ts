import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import * as YAML from "yaml";
import { largestUserData, maxUserData, nodeFiles, userData } from "../../src/cluster/user-data.ts";
import type { ClusterPlan } from "../../src/cluster/plan.ts";
import { seeded } from "../config/world.ts";
import { addressesOf, planOf, publicKey, templates } from "../support/plans.ts";

const plan = planOf({ "cluster.num_workers": 2 });
const dataOf = (index: number, of: ClusterPlan = plan): string => {
  const node = of.nodes[index];
  if (!node) throw new Error(`the plan has no node ${index}`);
  return userData(of, node, addressesOf(of), templates);
};
const decoded = (data: string): string => gunzipSync(Buffer.from(data, "base64")).toString("utf8");
const hostsOf = (of: ClusterPlan) =>
  nodeFiles(of, addressesOf(of), templates).find(({ path }) => path === "/etc/hosts")?.content ?? "";

test("it is gzipped cloud-config, which is JSON and so YAML too", () => {
  const [header, ...rest] = decoded(dataOf(0)).split("\n");
  expect(header).toBe("#cloud-config");
  const config: unknown = JSON.parse(rest.join("\n"));
  expect(YAML.parse(rest.join("\n"))).toEqual(config);
  expect(config).toEqual({
    hostname: "c1-master",
    preserve_hostname: false,
    manage_etc_hosts: false,
    users: [
      {
        name: "ubuntu",
        shell: "/bin/bash",
        lock_passwd: true,
        sudo: "ALL=(ALL) NOPASSWD:ALL",
        ssh_authorized_keys: [publicKey],
      },
    ],
    disable_root: true,
    ssh_pwauth: false,
    write_files: [{ path: "/etc/hosts", owner: "root:root", permissions: "0644", content: hostsOf(plan) }],
  });
});

test("every key and the login name of the config are in it", () => {
  const keys = [publicKey, publicKey.replace("test@example", "second@example")];
  const other = planOf({ "ssh_keys.public_keys": keys, "cluster.ssh_username": "hail" });
  const config: unknown = JSON.parse(decoded(dataOf(0, other)).replace("#cloud-config\n", ""));
  expect(config).toMatchObject({ users: [{ name: "hail", ssh_authorized_keys: keys }] });
});

test("the same plan gives the same bytes, each node its own name", () => {
  expect(dataOf(1)).toBe(dataOf(1));
  expect(decoded(dataOf(2)).replaceAll("c1-worker-02", "c1-worker-01")).toBe(
    decoded(dataOf(1)).replaceAll("c1-worker-02", "c1-worker-01"),
  );
  expect(decoded(dataOf(1))).toContain('"hostname": "c1-worker-01"');
});

describe("/etc/hosts", () => {
  test("is this, to the letter", async () => {
    await expect(hostsOf(plan)).toMatchFileSnapshot("../golden/etc-hosts");
  });

  test("has each node once, by its address, its host name and its short one", () => {
    const large = planOf({ "cluster.num_workers": 120 });
    const addresses = addressesOf(large);
    const lines = hostsOf(large)
      .split("\n")
      .filter((line) => line.startsWith("10."));
    expect(lines).toEqual(large.nodes.map(({ name, hostname, short }) => `${addresses[name]} ${hostname} ${short}`));
  });

  test("gives a node no loopback address, to which daemons would bind", () => {
    expect(hostsOf(plan)).not.toContain("127.0.1.1");
    for (const line of hostsOf(plan)
      .split("\n")
      .filter((text) => text.startsWith("127."))) {
      expect(line).toBe("127.0.0.1 localhost");
    }
  });
});

describe("Nova's limit", () => {
  test.for([2, 56, 63])("holds for 1,000 workers of a cluster whose name has %i characters", (length) => {
    const large = planOf({ "cluster.name": "n".repeat(length), "cluster.num_workers": 1000 });
    expect(largestUserData(large, templates).bytes).toBeLessThanOrEqual(maxUserData);
  });

  test("is reckoned with at least what the largest node really gets", () => {
    const large = planOf({ "cluster.name": "n".repeat(60), "cluster.num_workers": 300 });
    const random = seeded(7);
    const octet = () => Math.floor(random() * 256);
    const addresses = Object.fromEntries(large.nodes.map(({ name }) => [name, `10.99.${octet()}.${octet()}`]));
    const real = large.nodes.map((node) => userData(large, node, addresses, templates).length);
    expect(largestUserData(large, templates).bytes).toBeGreaterThanOrEqual(Math.max(...real));
  });
});
