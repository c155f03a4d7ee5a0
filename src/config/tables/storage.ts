/** `[volumes]`, `[s3]` and `[ceph_s3]`: where data and state are kept. */
import * as z from "zod/mini";
import { integer, onOff, optionalText, type Refusal, textWithDefault } from "../fields.ts";
import { bucketName, endpoint } from "../network-rules.ts";
import { cloudName, credential, uuid } from "../rules.ts";

/** Cinder keeps sizes in a signed 32-bit column. */
const maxVolumeGib = 2_147_483_647;

const otherVolume = "the data volume would be exchanged for another";
const nodesKeep = "nodes read it when they are made, and keep what they have";
const state = "it says where the state is; the cluster itself does not know it";

const bothVolumes: Refusal = {
  slug: "config-two-volumes",
  wanted: "blank while volumes.create is true: cannot set both volumes.create and volumes.existing_volume_id",
  fix: "delete volumes.create, or volumes.existing_volume_id",
};

export const volumesTable = z
  .strictObject({
    create: onOff(false, {
      meaning: "Whether to make an encrypted data volume that all nodes share.",
      example: true,
      live: "refused",
      why: "a volume would be made, or lost with its data",
    }),
    name: optionalText({
      meaning: "Name of the data volume in OpenStack.",
      rule: cloudName,
      example: "my-data-vol",
      live: "in place",
      why: "the volume is renamed",
      defaultText: "`<cluster>-vol`",
    }),
    size_gb: integer(100, [1, maxVolumeGib], {
      meaning: "Size of the volume that is made.",
      unit: "GiB",
      example: 500,
      live: "in place",
      why: "the volume grows; a smaller size is refused, as volumes cannot shrink",
    }),
    preserve_on_destroy: onOff(false, {
      meaning: "Whether destroy keeps the volume that was made for the cluster.",
      example: true,
      live: "nothing",
      why: "destroy reads it as it stands at that moment",
    }),
    existing_volume_id: optionalText({
      meaning: "Id of a volume of yours to attach instead of making one; it is never formatted or deleted.",
      rule: uuid,
      example: "1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11",
      live: "refused",
      why: otherVolume,
    }),
  })
  .check(
    z.refine(({ create, existing_volume_id: id }) => create !== true || typeof id !== "string" || id.trim() === "", {
      path: ["existing_volume_id"],
      params: bothVolumes,
      // Also where other fields are wrong, so that one run tells everything.
      when: ({ value }) => typeof value === "object" && value !== null,
    }),
  );

export const s3Table = z.strictObject({
  endpoint: optionalText({
    meaning: "S3 service that Spark and Hadoop read s3a:// data from; needs both keys.",
    rule: endpoint,
    example: "s3.example.org",
    live: "nothing",
    why: nodesKeep,
  }),
  access_key: optionalText({
    meaning: "Access key for s3a:// data.",
    rule: credential,
    secret: true,
    example: "$S3A_ACCESS_KEY",
    live: "nothing",
    why: nodesKeep,
  }),
  secret_key: optionalText({
    meaning: "Secret key for s3a:// data.",
    rule: credential,
    secret: true,
    example: "$S3A_SECRET_KEY",
    live: "nothing",
    why: nodesKeep,
  }),
});

export const cephS3Table = z.strictObject({
  endpoint: optionalText({
    meaning: "S3 service that keeps hailstack's state and install manifests.",
    rule: endpoint,
    example: "s3.example.org",
    live: "nothing",
    why: state,
  }),
  bucket: textWithDefault("hailstack-state", {
    meaning: "Bucket for state and manifests; it must exist.",
    rule: bucketName,
    example: "hailstack-state",
    live: "nothing",
    why: state,
  }),
  access_key: optionalText({
    meaning: "Access key for that bucket.",
    rule: credential,
    secret: true,
    example: "$CEPH_S3_ACCESS_KEY",
    live: "nothing",
    why: state,
  }),
  secret_key: optionalText({
    meaning: "Secret key for that bucket.",
    rule: credential,
    secret: true,
    example: "$CEPH_S3_SECRET_KEY",
    live: "nothing",
    why: state,
  }),
});
