/** Cinder: https://docs.openstack.org/api-ref/block-storage/v3/ */
import * as z from "zod";
import { Exit, failure } from "../errors.ts";
import type { Cloud, Volume } from "../world.ts";
import { list } from "./paging.ts";
import type { Session } from "./session.ts";
import { until } from "./until.ts";

const CinderVolume = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    size: z.int(),
    status: z.string(),
    attachments: z.array(z.object({ server_id: z.string().nullable(), device: z.string().nullish() })),
    metadata: z.record(z.string(), z.string()),
  })
  .transform((volume): Volume => {
    const { id, name, size, status, attachments, metadata } = volume;
    const attachedTo = attachments.flatMap(({ server_id, device }) =>
      server_id === null ? [] : [{ serverId: server_id, device: device ?? "" }],
    );
    return { id, name: name ?? "", sizeGib: size, status, attachedTo, metadata };
  });

const One = z.object({ volume: CinderVolume });
const detachTimeoutMs = 300_000;

/** What `Cloud` says about volumes. */
export function openVolumes(session: Session): Pick<Cloud, "volumes" | "volume" | "detachVolume"> {
  const volume = async (id: string): Promise<Volume | undefined> => {
    const path = `/volumes/${encodeURIComponent(id)}`;
    return (await session.find({ service: "block-storage", path, what: "look at a volume" }, One))?.volume;
  };
  return {
    volume,
    volumes: () =>
      list(
        session,
        { service: "block-storage", path: "/volumes/detail", what: "list volumes" },
        "volumes",
        CinderVolume,
      ),
    detachVolume: (serverId, volumeId) => detach(session, volume, serverId, volumeId),
  };
}

async function detach(session: Session, volume: Cloud["volume"], serverId: string, volumeId: string): Promise<void> {
  const path = `/servers/${encodeURIComponent(serverId)}/os-volume_attachments/${encodeURIComponent(volumeId)}`;
  const done = await until(session.wire, detachTimeoutMs, async () => {
    const found = await volume(volumeId);
    if (found === undefined || found.attachedTo.every((each) => each.serverId !== serverId)) return true;
    if (found.status === "detaching") return false;
    // 404: it went off in between; 409: the server is busy, and will be asked again.
    await session.ask({ service: "compute", method: "DELETE", path, what: "detach a volume", accept: [404, 409] });
    return false;
  });
  if (done) return;
  const message = `volume ${volumeId} is still attached to server ${serverId} after ${detachTimeoutMs / 1000} s`;
  const fix = `openstack server remove volume ${serverId} ${volumeId}`;
  throw failure(Exit.failed, "volume-not-detached", message, fix);
}
