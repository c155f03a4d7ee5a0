/** The S3 servers that tests of the store run against: the tests' own, and a lab's Ceph where there is one. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import type { BucketSettings } from "../../src/world.ts";
import { s3Client } from "./s3.ts";

export type Store = {
  name: string;
  endpoint: string;
  keys: { access_key: string; secret_key: string };
  /** It looks at signatures; the tests' own server takes any. */
  checksKeys: boolean;
};

/** `HAILSTACK_LAB_ENV` names a file of `export NAME=value` lines, as the lab writes it. */
export function stores(endpoint: string): Store[] {
  const own = { name: "moto", endpoint, keys: { access_key: "state-key", secret_key: "canary-state-secret" } };
  const file = process.env.HAILSTACK_LAB_ENV;
  if (!file) return [{ ...own, checksKeys: false }];
  const pairs = readFileSync(file, "utf8").matchAll(/(\w+)=(\S+)/g);
  const env = Object.fromEntries([...pairs].map(([, name = "", value = ""]) => [name, value]));
  const keys = { access_key: env.CEPH_S3_ACCESS_KEY ?? "", secret_key: env.CEPH_S3_SECRET_KEY ?? "" };
  return [
    { ...own, checksKeys: false },
    { name: "Ceph", endpoint: env.LAB_S3_ENDPOINT ?? "", keys, checksKeys: true },
  ];
}

/** A bucket for one test, as seen through `endpoint`, and the way to be rid of it. */
export async function makeBucket(store: Store): Promise<{ settings: BucketSettings; remove(): Promise<void> }> {
  const bucket = `hailstack-test-${randomBytes(5).toString("hex")}`;
  const settings = { endpoint: store.endpoint, bucket, ...store.keys };
  const client = s3Client(settings);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    settings,
    async remove() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      await Promise.all(Contents.map(({ Key }) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key }))));
      await client.send(new DeleteBucketCommand({ Bucket: bucket }));
      client.destroy();
    },
  };
}
