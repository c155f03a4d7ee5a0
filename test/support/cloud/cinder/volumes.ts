/** Reading, changing and deleting volumes. */
import { type Call, param, projectOf } from "../core/call.ts";
import { type Answer, cinderError } from "../core/errors.ts";
import { type Fields, textFieldsOf, textOf } from "../core/json.ts";
import type { Schema } from "../core/schema.ts";
import { checkedBody, metadataSchema } from "../nova/body.ts";
import { type Volume, ofProject } from "../state.ts";
import { text } from "./volume-create.ts";
import { detailView, linksTo, volumeView } from "./volume-view.ts";

const briefView = (call: Call, { id, name }: Volume): Fields => ({ id, name, links: linksTo(call, id) });
export function listVolumes(call: Call): Answer {
  return listAnswer(call, briefView);
}
export function listVolumesInDetail(call: Call): Answer {
  return listAnswer(call, detailView);
}

function listAnswer(call: Call, view: (call: Call, volume: Volume) => Fields): Answer {
  const { query } = call;
  const is = (key: string, value: string | null) => !query.has(key) || query.get(key) === value;
  const wanted = ofProject(call.core.state.volumes, projectOf(call)).filter(
    ({ name, status }) => is("name", name) && is("status", status),
  );
  const sorted =
    query.get("sort") === "name:asc"
      ? wanted.sort((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1))
      : wanted.reverse();
  const start = sorted.findIndex(({ id }) => id === query.get("marker")) + 1;
  const limit = Math.min(Number(query.get("limit") ?? longestPage), longestPage);
  const page = sorted.slice(start, start + limit);
  const body: Fields = { volumes: page.map((volume) => view(call, volume)) };
  const last = page.at(-1);
  if (last !== undefined && page.length === limit)
    body.volumes_links = [{ rel: "next", href: nextPage(call, last.id) }];
  return { status: 200, body };
}

const longestPage = 1000;

function nextPage(call: Call, marker: string): string {
  const params = new URLSearchParams(call.query);
  params.delete("marker");
  params.set("marker", marker);
  return `${call.root("volume")}${call.target.split("?")[0] ?? ""}?${params.toString()}`;
}

const changes: Schema = {
  type: "object",
  properties: { name: text, description: text, metadata: metadataSchema },
  additionalProperties: false,
};

export function showVolume(call: Call): Answer {
  return { status: 200, body: { volume: detailView(call, foundVolume(call)) } };
}

export function updateVolume(call: Call): Answer {
  const volume = foundVolume(call);
  const fields = checkedBody(call, "volume", changes, { refuse: cinderError });
  volume.name = textOf(fields.name) ?? volume.name;
  volume.description = textOf(fields.description) ?? volume.description;
  if (fields.metadata !== undefined) volume.metadata = textFieldsOf(fields.metadata);
  volume.updatedAt = call.core.clock.now();
  return { status: 200, body: { volume: volumeView(call, volume) } };
}

const undeletable =
  "Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.";

export function deleteVolume(call: Call): Answer {
  const { state, clock, delays } = call.core;
  const volume = foundVolume(call);
  if (volume.attachment !== null || !["available", "error"].includes(volume.status)) {
    throw cinderError(400, undeletable);
  }
  volume.status = "deleting";
  clock.after(delays.volume, () => state.volumes.delete(volume.id));
  return { status: 202, text: "", headers: { "content-type": "text/html; charset=UTF-8" } };
}

/** The volume of the path. @throws Refusal (404) */
export function foundVolume(call: Call): Volume {
  const volume = call.core.state.volumes.get(param(call, "id"));
  if (volume?.projectId !== projectOf(call)) {
    throw cinderError(404, `Volume ${param(call, "id")} could not be found.`);
  }
  return volume;
}
