/** Where the lab is and how to log in to it, from the files that `lab up` writes. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** User and project are of the domain `Default`. */
export type Login = { url: string; user: string; password: string; project: string };
export type Lab = {
  admin: Login;
  region: string;
  /** `fake`: servers exist in the API only. */
  compute: "fake" | "qemu";
  s3: { endpoint: string; access_key: string; secret_key: string };
  /** With `qemu` the qcow2 file of image `debian-12`, whose kernel is beside it. */
  baseImage: string;
};

const usualEnvFile = "/var/tmp/openstack-lab/env";

const Variables = z.object({
  OS_REGION_NAME: z.string(),
  CEPH_S3_ACCESS_KEY: z.string(),
  CEPH_S3_SECRET_KEY: z.string(),
  LAB_S3_ENDPOINT: z.url(),
  LAB_CLOUDS_YAML: z.string(),
});
const Clouds = z.object({
  clouds: z.object({
    "lab-admin": z.object({
      auth: z.object({ auth_url: z.url(), username: z.string(), password: z.string(), project_name: z.string() }),
    }),
  }),
});
const Compute = z.enum(["fake", "qemu"]);

/** Finds the lab of `HAILSTACK_LAB_ENV`, else the usual one. @throws Error that says how to start it */
export function findLab(wanted: Lab["compute"]): Lab {
  const envFile = process.env.HAILSTACK_LAB_ENV || usualEnvFile;
  if (!existsSync(envFile)) throw new Error(`no lab here (${envFile} is missing); start it: test/lab/lab up ${wanted}`);
  const exports = readFileSync(envFile, "utf8").matchAll(/(\w+)=(\S+)/g);
  const variables = Variables.parse(Object.fromEntries([...exports].map(([, name, value]) => [name, value])));
  const { auth } = Clouds.parse(parse(readFileSync(variables.LAB_CLOUDS_YAML, "utf8"))).clouds["lab-admin"];
  const compute = Compute.parse(readFileSync(join(dirname(envFile), "compute"), "utf8").trim());
  if (compute !== wanted) {
    throw new Error(`the lab runs with ${compute}; change over: test/lab/lab down && test/lab/lab up ${wanted}`);
  }
  const { CEPH_S3_ACCESS_KEY: access_key, CEPH_S3_SECRET_KEY: secret_key, LAB_S3_ENDPOINT: endpoint } = variables;
  return {
    admin: { url: auth.auth_url, user: auth.username, password: auth.password, project: auth.project_name },
    region: variables.OS_REGION_NAME,
    compute,
    s3: { endpoint, access_key, secret_key },
    baseImage: join(dirname(envFile), "base/root.qcow2"),
  };
}
