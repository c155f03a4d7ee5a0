/** What a node is told at its first boot: who it is, who may log in, where its peers are. */
import { gzipSync } from "node:zlib";
import type { Addresses } from "./outputs.ts";
import type { ClusterPlan, PlannedNode } from "./plan.ts";
import { renderTemplate, type Templates } from "./templates.ts";

/** Characters of base64 that Nova takes (its server schema, `user_data` maxLength). */
export const maxUserData = 65_535;

/** A file as it shall lie on a node. */
export type NodeFile = { path: string; owner: string; mode: string; content: string };

/**
 * Base64 of gzipped cloud-config, which cloud-init unpacks by itself: in clear, 268 workers are the limit. The same
 * plan and addresses give the same bytes.
 */
export function userData(plan: ClusterPlan, node: PlannedNode, addresses: Addresses, templates: Templates): string {
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
    write_files: nodeFiles(plan, addresses, templates).map(({ path, owner, mode, content }) => ({
      path,
      owner,
      permissions: mode,
      content,
    })),
  };
  // JSON is YAML, without its indentation.
  const text = `#cloud-config\n${JSON.stringify(cloudConfig, null, 1)}\n`;
  return gzipSync(text, { level: 9 }).toString("base64");
}

/** The files every node gets, rendered. */
export function nodeFiles(plan: ClusterPlan, addresses: Addresses, templates: Templates): NodeFile[] {
  const nodes = plan.nodes.map(({ name, short, hostname }) => ({ short, hostname, address: addresses[name] ?? "" }));
  return Object.entries(templates).map(([path, template]) => ({
    path,
    owner: "root:root",
    mode: "0644",
    content: renderTemplate(template, { nodes }),
  }));
}

/**
 * The size of the largest node's user data, and how many workers would fit. The addresses are as long and as unlike
 * each other as they can be, for what repeats itself packs well.
 */
export function largestUserData(
  plan: ClusterPlan,
  templates: Templates,
): { bytes: number; node: string; fits: number } {
  const addresses = Object.fromEntries(plan.nodes.map(({ name }, index) => [name, scattered(index)]));
  const longest = plan.nodes.reduce((a, b) => (b.hostname.length >= a.hostname.length ? b : a));
  const bytes = userData(plan, longest, addresses, templates).length;
  return { bytes, node: longest.name, fits: Math.floor((plan.nodes.length * maxUserData) / bytes) - 1 };
}

/** Four octets from 100 to 227, spread by a multiplication without pattern. */
function scattered(index: number): string {
  const bits = Math.imul(index + 1, 0x9e37_79b1) >>> 0;
  return [25, 18, 11, 4].map((shift) => 100 + ((bits >>> shift) & 127)).join(".");
}
