/** The lab as a place for one row: a project, an image and a bucket of its own, gone when the row is done. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { CreateBucketCommand, DeleteBucketCommand } from "@aws-sdk/client-s3";
import { z } from "zod";
import { logIn, openLabProject } from "../conformance/lab.ts";
import { bucketOf } from "../support/bucket.ts";
import { bundleId, type Fields } from "../support/rig-config.ts";
import { s3Client } from "../support/s3.ts";
import type { Place } from "./scene.ts";

/** The lab's list of exports. */
export const labEnvFile = process.env.HAILSTACK_LAB_ENV ?? "/var/tmp/openstack-lab/env";
/** "fake" when servers exist in the API only; undefined without a lab. */
export function labDriver(): string | undefined {
  const file = labEnvFile.replace(/env$/, "compute");
  return existsSync(labEnvFile) && existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

/** Room for a master and twenty workers, twice: one cluster may still be going while the next comes. */
const quotas = {
  compute: { instances: 50, cores: 200, ram: 262_144, key_pairs: 20, server_groups: 5, server_group_members: 50 },
  network: { port: 100, security_group: 20, security_group_rule: 200, floatingip: 5 },
  volume: { volumes: 5, gigabytes: 50 },
};
/** The lab's smallest machines: what is measured is the way there. */
export const labFields: Fields = { "cluster.master_flavour": "m2.tiny", "cluster.worker_flavour": "m2.tiny" };

export type Session = Awaited<ReturnType<typeof logIn>>;
export type LabPlace = Place & {
  /** As the project's member. */
  session: Session;
  imageId: string;
  close(): Promise<void>;
};

export async function openLabPlace(): Promise<LabPlace> {
  const name = `hailstack-bench-${randomBytes(3).toString("hex")}`;
  const password = randomBytes(9).toString("hex");
  const project = await openLabProject(labEnvFile, { project: name, user: name, password, quotas });
  const session = await logIn({ auth_url: project.authUrl, username: name, password }, name);
  const imageId = await makeImage(session);
  const bucket = { endpoint: exported("LAB_S3_ENDPOINT"), bucket: name, ...stateKeys() };
  await s3Client(bucket).send(new CreateBucketCommand({ Bucket: name }));
  return {
    session,
    imageId,
    bucket,
    cloudEnv: {
      OS_AUTH_URL: project.authUrl,
      OS_USERNAME: name,
      OS_PASSWORD: password,
      OS_PROJECT_NAME: name,
      OS_USER_DOMAIN_NAME: "Default",
      OS_PROJECT_DOMAIN_NAME: "Default",
      OS_REGION_NAME: "RegionOne",
      OS_IDENTITY_API_VERSION: "3",
    },
    async close() {
      const objects = bucketOf(bucket);
      for (const key of Object.keys(await objects.etags())) await objects.delete(key);
      await s3Client(bucket).send(new DeleteBucketCommand({ Bucket: name }));
      await session.call("DELETE", `${session.roots.image}/v2/images/${imageId}`);
      await project.close();
    },
  };
}

const Made = z.object({ id: z.string() });

/** A driver that boots nothing reads nothing of it. */
async function makeImage({ call, roots, token }: Session): Promise<string> {
  const { id } = Made.parse(
    await call("POST", `${roots.image}/v2/images`, {
      name: `hailstack-${bundleId}`,
      disk_format: "raw",
      container_format: "bare",
    }),
  );
  const answer = await fetch(`${roots.image}/v2/images/${id}/file`, {
    method: "PUT",
    headers: { "x-auth-token": token, "content-type": "application/octet-stream" },
    body: "hailstack",
  });
  if (!answer.ok) throw new Error(`the image's content: ${answer.status} ${await answer.text()}`);
  return id;
}

const stateKeys = () => ({
  access_key: exported("CEPH_S3_ACCESS_KEY"),
  secret_key: exported("CEPH_S3_SECRET_KEY"),
});

function exported(name: string): string {
  const value = new RegExp(`\\b${name}=(\\S+)`).exec(readFileSync(labEnvFile, "utf8"))?.[1];
  if (value === undefined) throw new Error(`${labEnvFile} exports no ${name}`);
  return value;
}
