/** A fresh simulated cloud and a fresh bucket on an S3 server, each in a process of its own. */
import { randomBytes } from "node:crypto";
import { startS3 } from "../support/s3.ts";
import type { CloudOptions } from "../support/cloud/options.ts";
import { startCloudApart, type CloudApart } from "./cloud-apart.ts";
import type { Place } from "./scene.ts";

export type SimulatedPlace = Place & { cloud: CloudApart };

/** Runs `work` with a way to make such places, all on one S3 server; everything ends with it. */
export async function withSimulated<T>(
  work: (open: (options?: CloudOptions) => Promise<SimulatedPlace>) => Promise<T>,
): Promise<T> {
  const s3 = await startS3();
  const clouds: CloudApart[] = [];
  try {
    return await work(async (options) => {
      const cloud = await startCloudApart(options);
      clouds.push(cloud);
      return { cloud, cloudEnv: cloud.env, bucket: await s3.bucket(`bench-${randomBytes(4).toString("hex")}`) };
    });
  } finally {
    for (const cloud of clouds) cloud.stop();
    await s3.stop();
  }
}
