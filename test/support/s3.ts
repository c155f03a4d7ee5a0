/** A real S3 server on loopback for tests and the demo, in a process of its own. */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { BucketSettings } from "../../src/world.ts";

export type S3Server = {
  endpoint: string;
  /** Makes a bucket and says how to reach it. */
  bucket(name: string): Promise<BucketSettings>;
  stop(): Promise<void>;
};

/** Which Python has the packages of requirements.txt; `npm test` sets it. */
export function testPython(): string {
  const python = process.env.HAILSTACK_TEST_PYTHON;
  if (!python) throw new Error("HAILSTACK_TEST_PYTHON is not set; run this through npm test");
  return python;
}

export async function startS3(): Promise<S3Server> {
  const port = await freePort();
  const child = spawn(testPython(), ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
  });
  const endpoint = `http://127.0.0.1:${port}`;
  await answers(endpoint);
  const keys = { access_key: "state-key", secret_key: "state-secret" };
  return {
    endpoint,
    async bucket(name) {
      await s3Client({ endpoint, bucket: name, ...keys }).send(new CreateBucketCommand({ Bucket: name }));
      return { endpoint, bucket: name, ...keys };
    },
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill();
      }),
  };
}

/** A client that looks at a bucket beside hailstack's own. */
export const s3Client = ({ endpoint, access_key, secret_key }: BucketSettings, maxAttempts = 3): S3Client =>
  new S3Client({
    maxAttempts,
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: access_key, secretAccessKey: secret_key },
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

async function answers(endpoint: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const there = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing answers at ${endpoint}`);
}
