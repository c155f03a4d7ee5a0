/** A bucket in the lab's Ceph for the state of one run. */
import { CreateBucketCommand, DeleteBucketCommand } from "@aws-sdk/client-s3";
import { bucketOf } from "../support/bucket.ts";
import { s3Client } from "../support/s3.ts";
import type { BucketSettings } from "../../src/world.ts";
import type { Lab } from "./lab.ts";

export type StateBucket = {
  settings: BucketSettings;
  /** ETag by key. */
  etags(): Promise<Record<string, string>>;
  /** Removes it with what is in it. */
  close(): Promise<void>;
};

export async function openStateBucket({ s3 }: Lab, name: string): Promise<StateBucket> {
  const settings = { ...s3, bucket: name };
  const client = s3Client(settings);
  await client.send(new CreateBucketCommand({ Bucket: name }));
  const { etags, delete: remove } = bucketOf(settings);
  return {
    settings,
    etags,
    async close() {
      for (const key of Object.keys(await etags())) await remove(key);
      await client.send(new DeleteBucketCommand({ Bucket: name }));
    },
  };
}
