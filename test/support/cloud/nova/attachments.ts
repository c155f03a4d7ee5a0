/** Volumes on servers: `os-volume_attachments`. */
import { type Call, param, projectOf } from "../core/call.ts";
import { type Answer, novaError } from "../core/errors.ts";
import { type Fields, textOf } from "../core/json.ts";
import type { Core } from "../core.ts";
import type { Attachment, Server, Volume } from "../state.ts";
import { checkedBody } from "./body.ts";
import { serverFacts } from "./server-facts.ts";
import { foundServer } from "./servers.ts";

type Attached = Volume & { attachment: Attachment };

export function attachVolume(call: Call): Answer {
  const { core } = call;
  const fields = checkedBody(
    call,
    "volumeAttachment",
    {
      type: "object",
      properties: { volumeId: { type: "string", format: "uuid" }, device: { type: ["string", "null"] } },
      required: ["volumeId"],
      additionalProperties: false,
    },
    { everKnown: ["tag", "delete_on_termination"] },
  );
  const server = foundServer(call);
  const volume = knownVolume(call, textOf(fields.volumeId) ?? "");
  if (volume.attachment !== null) {
    const message = `Invalid volume: volume ${volume.id} is already attached to instances: ${volume.attachment.serverId}`;
    throw novaError(400, message);
  }
  if (volume.status !== "available") {
    const message = `Invalid volume: Invalid input received: Invalid volume: Volume ${volume.id} status must be available or downloading to reserve, but the current status is ${volume.status}. (HTTP 400)`;
    throw novaError(400, message);
  }
  if (server.vmState === "building" || server.vmState === "error") {
    throw novaError(409, `Cannot 'attach_volume' instance ${server.id} while it is in vm_state ${server.vmState}`);
  }
  askDriver(core, server, volume);
  const device = textOf(fields.device) ?? freeDevice(core, server);
  const id = core.seed.uuid("attachment", `${server.name} ${volume.name ?? ""}`);
  const attachment = { id, serverId: server.id, device, at: core.clock.now() };
  volume.attachment = attachment;
  volume.status = "attaching";
  core.clock.after(core.delays.attach, () => {
    if (volume.status === "attaching") volume.status = "in-use";
  });
  return { status: 200, body: { volumeAttachment: view(call, { ...volume, attachment }) } };
}

/** @throws Refusal (400) when the server's machine cannot have the volume */
function askDriver(core: Core, server: Server, { id }: Volume): void {
  try {
    core.compute.attach?.(serverFacts(core, server), id);
  } catch (error) {
    throw novaError(400, `Invalid volume: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function freeDevice({ state }: Core, server: Server): string {
  const taken = new Set(
    [...state.volumes.values()].flatMap(({ attachment }) =>
      attachment?.serverId === server.id ? attachment.device : [],
    ),
  );
  const letter = [..."bcdefghijklmnopqrstuvwxyz"].find((candidate) => !taken.has(`/dev/sd${candidate}`));
  return `/dev/sd${letter ?? "z"}`;
}

function knownVolume(call: Call, id: string): Volume {
  const volume = call.core.state.volumes.get(id);
  if (volume?.projectId !== projectOf(call)) throw novaError(404, `Volume ${id} could not be found.`);
  return volume;
}

const isOn = (volume: Volume, { id }: Server): volume is Attached => volume.attachment?.serverId === id;

export function listAttachments(call: Call): Answer {
  const server = foundServer(call);
  const volumes = [...call.core.state.volumes.values()].filter((volume) => isOn(volume, server));
  return { status: 200, body: { volumeAttachments: volumes.map((volume) => view(call, volume)) } };
}

export function showAttachment(call: Call): Answer {
  const server = foundServer(call);
  const volume = call.core.state.volumes.get(param(call, "volume"));
  if (volume === undefined || !isOn(volume, server)) throw notAttached(server, param(call, "volume"));
  return { status: 200, body: { volumeAttachment: view(call, volume) } };
}

const notAttached = (server: Server, volumeId: string) =>
  novaError(404, `Instance ${server.id} is not attached to volume ${volumeId}`);

export function detachVolume(call: Call): Answer {
  const server = foundServer(call);
  const volume = knownVolume(call, param(call, "volume"));
  if (!isOn(volume, server)) throw notAttached(server, volume.id);
  if (volume.status !== "in-use") {
    const message =
      "Invalid volume: Invalid input received: Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach. (HTTP 400)";
    throw novaError(400, message);
  }
  volume.status = "detaching";
  call.core.clock.after(call.core.delays.attach, () => setFree(volume));
  return { status: 202 };
}

function setFree(volume: Volume): void {
  volume.attachment = null;
  volume.status = "available";
}

function view({ version }: Call, { id, attachment }: Attached): Fields {
  const common: Fields = { volumeId: id, serverId: attachment.serverId, device: attachment.device };
  const result: Fields = version >= 89 ? common : { id, ...common };
  if (version >= 70) result.tag = null;
  if (version >= 79) result.delete_on_termination = false;
  if (version >= 89) Object.assign(result, { attachment_id: attachment.id, bdm_uuid: attachment.id });
  return result;
}
