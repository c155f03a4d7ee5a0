/** A bucket as its owner sees it, beside hailstack's own client. */
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import type { BucketSettings } from "../../src/world.ts";
import { s3Client } from "./s3.ts";

export function bucketOf(settings: BucketSettings) {
  const client = s3Client(settings);
  const Bucket = settings.bucket;
  async function get(key: string): Promise<string> {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
    return (await Body?.transformToString()) ?? "";
  }
  async function etags(): Promise<Record<string, string>> {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    return Object.fromEntries(Contents.map(({ Key = "", ETag = "" }) => [Key, ETag]));
  }
  return {
    get,
    /** ETag by key: equal before and after means that nothing was written. */
    etags,
    async texts(): Promise<Record<string, string>> {
      const keys = Object.keys(await etags());
      return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await get(key)] as const)));
    },
    put: (key: string, body: string) => client.send(new PutObjectCommand({ Bucket, Key: key, Body: body })),
    delete: (key: string) => client.send(new DeleteObjectCommand({ Bucket, Key: key })),
  };
}
