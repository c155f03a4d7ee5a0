/** Room left in the project, from the three services that count. What one of them does not tell is left out. */
import * as z from "zod";
import { HailstackError } from "../errors.ts";
import type { Keypair, Quota, Quotas } from "../world.ts";
import type { Session } from "./session.ts";

const Absolute = z.object({ limits: z.object({ absolute: z.record(z.string(), z.unknown()) }) });
const Details = z.object({
  quota: z.record(z.string(), z.looseObject({ used: z.int(), reserved: z.int().default(0), limit: z.int() })),
});

/** @param keypairs reads the user's key pairs: Nova tells their limit only */
export async function readQuotas(session: Session, keypairs: () => Promise<Keypair[]>): Promise<Quotas> {
  const parts = await Promise.all([
    ifTold(computeQuotas(session, keypairs)),
    ifTold(networkQuotas(session)),
    ifTold(volumeQuotas(session)),
  ]);
  return Object.assign({}, ...parts);
}

/** A policy may forbid to look, and a broken quota service must not stop who has room. */
async function ifTold(part: Promise<Quotas>): Promise<Quotas> {
  try {
    return await part;
  } catch (error) {
    if (error instanceof HailstackError) return {};
    throw error;
  }
}

async function computeQuotas(session: Session, keypairs: () => Promise<Keypair[]>): Promise<Quotas> {
  const read = session.get({ service: "compute", path: "/limits", what: "read the compute limits" }, Absolute);
  const [{ limits }, pairs] = await Promise.all([read, keypairs().catch(() => undefined)]);
  const { absolute } = limits;
  return present({
    instances: quota(absolute["totalInstancesUsed"], absolute["maxTotalInstances"]),
    cores: quota(absolute["totalCoresUsed"], absolute["maxTotalCores"]),
    ram_mib: quota(absolute["totalRAMUsed"], absolute["maxTotalRAMSize"]),
    server_groups: quota(absolute["totalServerGroupsUsed"], absolute["maxServerGroups"]),
    // Counted for each group by itself, so a new one starts empty.
    server_group_members: quota(0, absolute["maxServerGroupMembers"]),
    keypairs: quota(pairs?.length, absolute["maxTotalKeypairs"]),
  });
}

async function networkQuotas(session: Session): Promise<Quotas> {
  const path = `/quotas/${session.identity.projectId}/details.json`;
  const details = await session.get({ service: "network", path, what: "read the network quotas" }, Details);
  const told = (key: string): Quota | undefined => {
    const found = details.quota[key];
    return found && quota(found.used + found.reserved, found.limit);
  };
  return present({
    ports: told("port"),
    security_groups: told("security_group"),
    security_group_rules: told("security_group_rule"),
    floating_ips: told("floatingip"),
  });
}

async function volumeQuotas(session: Session): Promise<Quotas> {
  const call = { service: "block-storage", path: "/limits", what: "read the volume limits" } as const;
  const { absolute } = (await session.get(call, Absolute)).limits;
  return present({
    volumes: quota(absolute["totalVolumesUsed"], absolute["maxTotalVolumes"]),
    gigabytes: quota(absolute["totalGigabytesUsed"], absolute["maxTotalVolumeGigabytes"]),
  });
}

/** All of OpenStack says -1 for "no limit". */
function quota(used: unknown, limit: unknown): Quota | undefined {
  if (typeof used !== "number" || typeof limit !== "number") return undefined;
  return { used, limit: limit < 0 ? null : limit };
}

function present(quotas: { [Kind in keyof Quotas]: Quota | undefined }): Quotas {
  return Object.fromEntries(Object.entries(quotas).filter(([, value]) => value !== undefined));
}
