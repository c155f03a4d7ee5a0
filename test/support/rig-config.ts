/** The config of a rig's cluster. */
import type { BucketSettings } from "../../src/world.ts";

/** TOML values by dotted key; `undefined` leaves a key out. */
export type Fields = Readonly<Record<string, unknown>>;

export const bundleId = "hail-0.2.137-gnomad-3.0.4-r2";

/** A key whose private half nobody has. */
export const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIn1liHMNDGDsYkarULEIR291cwfGbEKRLv0+n/X1S1 rig@example";

/** Two small workers on the simulated cloud's only network. */
export function usualFields({ endpoint, bucket }: BucketSettings): Fields {
  return {
    "cluster.name": "c1",
    "cluster.bundle": bundleId,
    "cluster.num_workers": 2,
    "cluster.master_flavour": "m2.medium",
    "cluster.worker_flavour": "m2.small",
    "cluster.network_name": "cloudforms_network",
    "cluster.floating_ip_pool": "public",
    "ceph_s3.endpoint": endpoint,
    "ceph_s3.bucket": bucket,
    "ceph_s3.access_key": "$CEPH_S3_ACCESS_KEY",
    "ceph_s3.secret_key": "$CEPH_S3_SECRET_KEY",
    "ssh_keys.public_keys": [publicKey],
  };
}

/** Dotted keys as TOML tables; JSON's strings, numbers, booleans and arrays are TOML's too. */
export function toml(fields: Fields): string {
  const tables = new Map<string, string[]>();
  for (const [dotted, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const table = dotted.slice(0, dotted.lastIndexOf("."));
    const lines = tables.get(table) ?? [];
    lines.push(`${dotted.slice(table.length + 1)} = ${JSON.stringify(value)}`);
    tables.set(table, lines);
  }
  return [...tables].map(([table, lines]) => `[${table}]\n${lines.join("\n")}\n`).join("\n");
}
