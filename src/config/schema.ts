/** The whole config: its tables, and its type. Each field is declared once, in `tables/`. */
import * as z from "zod/mini";
import { securityGroupsTable, sshKeysTable } from "./tables/access.ts";
import { clusterTable, dnsTable } from "./tables/cluster.ts";
import { extrasTable, packerTable } from "./tables/software.ts";
import { cephS3Table, s3Table, volumesTable } from "./tables/storage.ts";
import { webTable } from "./tables/web.ts";

export const configSchema = z.strictObject({
  // The cast: without the table, an empty one takes its place, which then lacks the required fields one by one.
  cluster: z.prefault(clusterTable, {} as never),
  packer: z.optional(packerTable),
  volumes: z.prefault(volumesTable, {}),
  s3: z.prefault(s3Table, {}),
  ceph_s3: z.prefault(cephS3Table, {}),
  ssh_keys: z.prefault(sshKeysTable, {}),
  security_groups: z.prefault(securityGroupsTable, {}),
  web: z.prefault(webTable, {}),
  dns: z.prefault(dnsTable, {}),
  extras: z.prefault(extrasTable, {}),
});

/** A checked config. Keys are those of the file; what the file leaves out has its default, and blanks are "". */
export type Config = z.infer<typeof configSchema>;
