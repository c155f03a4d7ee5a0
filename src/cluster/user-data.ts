/** What a node is told at its first boot: who it is, who may log in, and every file that is no secret. */
import { gzipSync } from "node:zlib";
import { nodeFiles, type NodeFile } from "./node-files.ts";
import type { NodeInputs } from "./node-view.ts";
import type { Addresses } from "./outputs.ts";
import type { PlannedNode } from "./plan.ts";

/** Characters of base64 that Nova takes (its server schema, `user_data` maxLength). */
export const maxUserData = 65_535;

/** Runs the stages of a node's first boot, in the image. */
const bootProgram = "/usr/libexec/hailstack/boot";

/**
 * Base64 of gzipped cloud-config, which cloud-init unpacks by itself: in clear, 268 workers are the limit. The same
 * inputs and addresses give the same bytes.
 */
export function userData(inputs: NodeInputs, node: PlannedNode, addresses: Addresses): string {
  const { plan } = inputs;
  const cloudConfig = {
    hostname: node.hostname,
    preserve_hostname: false,
    manage_etc_hosts: false,
    // Named in full, so that it is the same whatever user the image was made with.
    users: [
      {
        name: plan.ssh_username,
        shell: "/bin/bash",
        lock_passwd: true,
        sudo: "ALL=(ALL) NOPASSWD:ALL",
        ssh_authorized_keys: plan.public_keys,
      },
    ],
    disable_root: true,
    ssh_pwauth: false,
    write_files: filesOf(
      inputs,
      addresses,
    )(node).map(({ path, owner, mode, content }) => ({
      path,
      owner,
      permissions: mode,
      content,
    })),
    runcmd: [[bootProgram]],
  };
  // JSON is YAML, without its indentation.
  const text = `#cloud-config\n${JSON.stringify(cloudConfig, null, 1)}\n`;
  return gzipSync(text, { level: 9 }).toString("base64");
}

/** Asked for once a node, with the same addresses each time. */
const made = new WeakMap<Addresses, { inputs: NodeInputs; files: (node: PlannedNode) => NodeFile[] }>();
function filesOf(inputs: NodeInputs, addresses: Addresses): (node: PlannedNode) => NodeFile[] {
  const known = made.get(addresses);
  if (known?.inputs === inputs) return known.files;
  const files = nodeFiles(inputs, addresses, "user data");
  made.set(addresses, { inputs, files });
  return files;
}

/** As a program of the engine asks for it. */
export const userDataOf =
  (inputs: NodeInputs) =>
  (node: PlannedNode, addresses: Addresses): string =>
    userData(inputs, node, addresses);

/** The largest of all nodes' user data in characters of base64, whose it is, and how many workers would fit. */
export type LargestUserData = { bytes: number; node: string; fits: number };

/**
 * Reckoned for the master, who has the most files, and for the worker with the longest name. The addresses are as long
 * and as unlike each other as they can be, for what repeats itself packs well.
 */
export function largestUserData(inputs: NodeInputs): LargestUserData {
  const { nodes } = inputs.plan;
  const addresses = Object.fromEntries(nodes.map(({ name }, index) => [name, scattered(index)]));
  const longest = nodes.reduce((a, b) => (b.hostname.length >= a.hostname.length ? b : a));
  const sizes = [...new Set([...nodes.filter(({ role }) => role === "master"), longest])].map((node) => ({
    node: node.name,
    bytes: userData(inputs, node, addresses).length,
  }));
  const { node, bytes } = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  return { bytes, node, fits: Math.floor((nodes.length * maxUserData) / bytes) - 1 };
}

/** Four octets from 100 to 227, spread by a multiplication without pattern. */
function scattered(index: number): string {
  const bits = Math.imul(index + 1, 0x9e37_79b1) >>> 0;
  return [25, 18, 11, 4].map((shift) => 100 + ((bits >>> shift) & 127)).join(".");
}
