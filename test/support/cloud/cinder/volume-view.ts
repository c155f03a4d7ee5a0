/** A volume as Cinder shows it. */
import { type Call, projectOf } from "../core/call.ts";
import { isoMicros } from "../core/clock.ts";
import type { Fields } from "../core/json.ts";
import type { Volume } from "../state.ts";

/** The one type there is. */
export const volumeType = "__DEFAULT__";
export const zone = "nova";

export function linksTo(call: Call, id: string) {
  const root = call.root("volume");
  const path = `${projectOf(call)}/volumes/${id}`;
  return [
    { rel: "self", href: `${root}/v3/${path}` },
    { rel: "bookmark", href: `${root}/${path}` },
  ];
}

/** As the answer to a change. */
export function volumeView(call: Call, volume: Volume): Fields {
  const { attachment } = volume;
  return {
    id: volume.id,
    status: volume.status,
    size: volume.sizeGib,
    availability_zone: zone,
    created_at: isoMicros(volume.createdAt),
    updated_at: volume.updatedAt === null ? null : isoMicros(volume.updatedAt),
    name: volume.name,
    description: volume.description,
    volume_type: volumeType,
    snapshot_id: null,
    source_volid: null,
    metadata: volume.metadata,
    links: linksTo(call, volume.id),
    user_id: volume.userId,
    bootable: "false",
    encrypted: false,
    replication_status: null,
    consistencygroup_id: null,
    multiattach: false,
    attachments:
      attachment === null
        ? []
        : [
            {
              id: volume.id,
              attachment_id: attachment.id,
              volume_id: volume.id,
              server_id: attachment.serverId,
              host_name: null,
              device: attachment.device,
              attached_at: isoMicros(attachment.at),
            },
          ],
  };
}

/** As the answer to a question. */
export const detailView = (call: Call, volume: Volume): Fields => ({
  ...volumeView(call, volume),
  "os-vol-tenant-attr:tenant_id": volume.projectId,
});
