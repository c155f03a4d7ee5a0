import { callsOf, nobody } from "../step.ts";

const { get, post, put, del } = callsOf("volume");
const compute = callsOf("compute");

const volumes = "/v3/{project_id}/volumes";
const attachments = "/v2.1/servers/{server_id}/os-volume_attachments";

/** Volumes and their attachment (2 volumes, 3 GiB fit in the scenario's project). */
export const volumesAndAttachments = [
  post(
    "volume: create",
    volumes,
    { volume: { name: "conf-volume", size: 1, description: "conformance", metadata: { cluster: "conf" } } },
    { save: { volume_id: "volume.id" } },
  ),
  post("volume: over the gigabytes quota", volumes, { volume: { name: "conf-big", size: 3 } }),
  post("volume: no size", volumes, { volume: { name: "x" } }),
  post("volume: a size of nothing", volumes, { volume: { name: "x", size: 0 } }),
  post("volume: an unknown type", volumes, { volume: { name: "x", size: 1, volume_type: "conf-nothing" } }),
  post("volume: an unknown zone", volumes, { volume: { name: "x", size: 1, availability_zone: "conf-nowhere" } }),
  post("volume: no body", volumes, {}),
  post(
    "volume: create a second",
    volumes,
    { volume: { name: "conf-volume-2", size: 1 } },
    {
      save: { volume2_id: "volume.id" },
    },
  ),
  post("volume: over quota", volumes, { volume: { name: "conf-volume-3", size: 1 } }),
  get("volume: read until available", `${volumes}/{volume_id}`, { until: { path: "volume.status", is: "available" } }),
  get("volume: second until available", `${volumes}/{volume2_id}`, {
    until: { path: "volume.status", is: "available" },
  }),
  get("volume: list", `${volumes}?name=conf-volume`),
  get("volume: list in detail", `${volumes}/detail`),
  get("volume: one to a page", `${volumes}/detail?limit=1&sort=name:asc`),
  get("volume: unknown id", `${volumes}/${nobody}`),
  put("volume: update", `${volumes}/{volume_id}`, { volume: { description: "changed", metadata: { cluster: "two" } } }),
  put("volume: update an unknown one", `${volumes}/${nobody}`, { volume: { name: "x" } }),
  put("volume: update with an unknown property", `${volumes}/{volume_id}`, { volume: { telepathy: 1 } }),
  del("volume: delete an unknown one", `${volumes}/${nobody}`),
  get("volume: limits in use", "/v3/{project_id}/limits"),

  compute.post(
    "attachment: create",
    attachments,
    { volumeAttachment: { volumeId: "{volume_id}" } },
    { save: { device: "volumeAttachment.device" } },
  ),
  get("volume: read until in use", `${volumes}/{volume_id}`, { until: { path: "volume.status", is: "in-use" } }),
  compute.get("attachment: read", `${attachments}/{volume_id}`),
  compute.get("attachment: read in a newer version", `${attachments}/{volume_id}`, { version: "2.89" }),
  compute.get("attachment: list", attachments),
  compute.get("server: with a volume", "/v2.1/servers/{server_id}", { version: "2.67", timing: ["hostId"] }),
  compute.post("attachment: create again", attachments, { volumeAttachment: { volumeId: "{volume_id}" } }),
  compute.post("attachment: on a second server", "/v2.1/servers/{server2_id}/os-volume_attachments", {
    volumeAttachment: { volumeId: "{volume_id}" },
  }),
  compute.post("attachment: an unknown volume", attachments, { volumeAttachment: { volumeId: nobody } }),
  compute.post("attachment: to an unknown server", `/v2.1/servers/${nobody}/os-volume_attachments`, {
    volumeAttachment: { volumeId: "{volume2_id}" },
  }),
  compute.post("attachment: a property that is none", attachments, {
    volumeAttachment: { volumeId: "{volume2_id}", telepathy: 1 },
  }),
  compute.get("attachment: unknown id", `${attachments}/${nobody}`),
  compute.del("attachment: delete an unknown one", `${attachments}/${nobody}`),
  del("volume: delete while in use", `${volumes}/{volume_id}`),
  compute.del("attachment: delete", `${attachments}/{volume_id}`),
  compute.get("attachment: read until gone", `${attachments}/{volume_id}`, { until: { status: 404 } }),
  get("volume: read until available again", `${volumes}/{volume_id}`, {
    until: { path: "volume.status", is: "available" },
  }),
  compute.del("attachment: delete again", `${attachments}/{volume_id}`),
  del("volume: delete", `${volumes}/{volume_id}`),
  get("volume: read until the first is gone", `${volumes}/{volume_id}`, { until: { status: 404 } }),
  del("volume: delete the second", `${volumes}/{volume2_id}`),
  get("volume: read until gone", `${volumes}/{volume2_id}`, { until: { status: 404 } }),
];
