/** One S3 server for all tests of the engine; each makes a bucket of its own. */
import type { TestProject } from "vitest/node";
import { startS3 } from "./s3.ts";

declare module "vitest" {
  interface ProvidedContext {
    s3Endpoint: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startS3();
  project.provide("s3Endpoint", server.endpoint);
  return () => server.stop();
}
