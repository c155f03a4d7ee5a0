import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import * as YAML from "yaml";
import { nodeFiles } from "../../src/cluster/node-files.ts";
import type { NodeInputs } from "../../src/cluster/node-view.ts";
import { largestUserData, maxUserData, userData } from "../../src/cluster/user-data.ts";
import { seeded } from "../config/world.ts";
import { canaries, everything } from "../support/node-inputs.ts";
import { addressesOf, inputsOf, publicKey } from "../support/plans.ts";

const inputs = inputsOf({ "cluster.num_workers": 2 });
const nodeOf = (index: number, { plan }: NodeInputs) => {
  const node = plan.nodes[index];
  if (!node) throw new Error(`the plan has no node ${index}`);
  return node;
};
const dataOf = (index: number, of: NodeInputs = inputs): string =>
  userData(of, nodeOf(index, of), addressesOf(of.plan));
const decoded = (data: string): string => gunzipSync(Buffer.from(data, "base64")).toString("utf8");
const configIn = (data: string): unknown => JSON.parse(decoded(data).replace("#cloud-config\n", ""));
const hostsOf = (of: NodeInputs) =>
  nodeFiles(of, addressesOf(of.plan), "user data")(nodeOf(0, of)).find(({ path }) => path === "/etc/hosts")?.content ??
  "";

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
    write_files: nodeFiles(
      inputs,
      addressesOf(inputs.plan),
      "user data",
    )(nodeOf(0, inputs)).map(({ path, owner, mode, content }) => ({ path, owner, permissions: mode, content })),
    runcmd: [["/usr/libexec/hailstack/boot"]],
  });
});

test("every key and the login name of the config are in it", () => {
  const keys = [publicKey, publicKey.replace("test@example", "second@example")];
  const other = inputsOf({ "ssh_keys.public_keys": keys, "cluster.ssh_username": "hail" });
  expect(configIn(dataOf(0, other))).toMatchObject({ users: [{ name: "hail", ssh_authorized_keys: keys }] });
});

test("the same plan gives the same bytes, each node its own name", () => {
  expect(dataOf(1)).toBe(dataOf(1));
  const alike = (index: number): string =>
    decoded(dataOf(index))
      .replaceAll(/worker-0[12]/g, "worker-NN")
      .replaceAll(/nm0[12]/g, "nmNN");
  expect(alike(2)).toBe(alike(1));
  expect(decoded(dataOf(1))).toContain('"hostname": "c1-worker-01"');
});

describe("/etc/hosts", () => {
  test("has each node once, by its address, its host name and its short one", () => {
    const large = inputsOf({ "cluster.num_workers": 120 });
    const addresses = addressesOf(large.plan);
    const lines = hostsOf(large)
      .split("\n")
      .filter((line) => line.startsWith("10."));
    expect(lines).toEqual(
      large.plan.nodes.map(({ name, hostname, short }) => `${addresses[name]} ${hostname} ${short}`),
    );
  });

  test("gives a node no loopback address, to which daemons would bind", () => {
    expect(hostsOf(inputs)).not.toContain("127.0.1.1");
    for (const line of hostsOf(inputs)
      .split("\n")
      .filter((text) => text.startsWith("127."))) {
      expect(line).toBe("127.0.0.1 localhost");
    }
  });
});

test("no secret is in it, whatever is known when it is made", () => {
  const all = everything();
  for (const node of all.plan.nodes) {
    const text = decoded(userData(all, node, addressesOf(all.plan)));
    for (const secret of Object.values(canaries)) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
      expect(text).not.toContain(secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"));
    }
    expect(text).not.toContain("CANARY");
  }
});

describe("Nova's limit", () => {
  test.for([2, 53, 63])("holds for 1,000 workers of a cluster whose name has %i characters", (length) => {
    const large = everything({ "cluster.name": "n".repeat(length), "cluster.num_workers": 1000 });
    const { bytes } = largestUserData(large);
    expect(bytes).toBeLessThanOrEqual(maxUserData);
  });

  test("is reckoned with at least what the largest node really gets", () => {
    const large = everything({ "cluster.name": "n".repeat(60), "cluster.num_workers": 300 });
    const random = seeded(7);
    const octet = () => Math.floor(random() * 256);
    const addresses = Object.fromEntries(large.plan.nodes.map(({ name }) => [name, `10.99.${octet()}.${octet()}`]));
    const real = large.plan.nodes.map((node) => userData(large, node, addresses).length);
    expect(largestUserData(large).bytes).toBeGreaterThanOrEqual(Math.max(...real));
  });
});
