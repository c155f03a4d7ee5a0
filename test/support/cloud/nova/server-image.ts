/** `createImage`: a server's disk becomes an image, which is queued, is saved and is active. */
import { projectOf, type Call } from "../core/call.ts";
import { type Answer, novaError } from "../core/errors.ts";
import { textFieldsOf, textOf } from "../core/json.ts";
import type { Core } from "../core.ts";
import { addImage } from "../contents.ts";
import type { Image, Server } from "../state.ts";
import { checkedBody, metadataSchema, nameSchema } from "./body.ts";

/** What Nova says of the server rather than of its image, and so does not hand on. */
const ofServerAlone = new Set(["cache_in_nova", "bittorrent"]);
const gib = 2 ** 30;

export function createServerImage(call: Call, server: Server): Answer {
  const fields = checkedBody(call, "createImage", {
    type: "object",
    properties: { name: nameSchema, metadata: metadataSchema },
    required: ["name"],
    additionalProperties: false,
  });
  refuseBusy(server);
  const { core } = call;
  const base = core.state.images.get(server.imageId);
  const image = addImage(core, {
    name: textOf(fields.name) ?? "",
    status: "queued",
    sizeBytes: null,
    visibility: "private",
    ownerId: projectOf(call),
    minDiskGib: Math.max(base?.minDiskGib ?? 0, server.flavour.diskGib),
    minRamMib: base?.minRamMib ?? 0,
    ...(base === undefined ? {} : { diskFormat: base.diskFormat }),
    properties: { ...propertiesOf(core, server, base), ...textFieldsOf(fields.metadata) },
  });
  server.taskState = "image_snapshot";
  save(core, server, image);
  if (call.version >= 45) return { status: 202, body: { image_id: image.id } };
  const location = `${call.root("image")}/images/${image.id}`;
  return { status: 202, text: "", headers: { location, "content-type": "text/html; charset=UTF-8" } };
}

/** @throws Refusal (409) */
function refuseBusy({ id, vmState, taskState }: Server): void {
  const refused = (attribute: string, value: string) =>
    novaError(409, `Cannot 'createImage' instance ${id} while it is in ${attribute} ${value}`);
  if (vmState !== "active" && vmState !== "stopped") throw refused("vm_state", vmState);
  if (taskState !== null) throw refused("task_state", taskState);
}

/** The base image's own, and where the new one comes from. */
function propertiesOf({ state }: Core, server: Server, base: Image | undefined): Record<string, string> {
  const inherited = Object.entries(base?.properties ?? {}).filter(([name]) => !ofServerAlone.has(name));
  return {
    ...Object.fromEntries(inherited),
    base_image_ref: base?.properties.base_image_ref ?? server.imageId,
    boot_roles: "member,reader",
    image_type: "snapshot",
    instance_uuid: server.id,
    owner_project_name: state.projects.get(server.projectId)?.name ?? "",
    owner_user_name: state.users.get(server.userId)?.name ?? "",
    user_id: server.userId,
  };
}

function save(core: Core, server: Server, image: Image): void {
  const { image: delay } = core.delays;
  core.clock.after(delay / 2, () => {
    if (core.state.servers.has(server.id)) image.status = "saving";
  });
  core.clock.after(delay, () => {
    if (!core.state.servers.has(server.id)) {
      // Nova takes away what it could not finish.
      core.state.images.delete(image.id);
      return;
    }
    server.taskState = null;
    image.status = "active";
    // What is written on a disk is not simulated; about half of it is.
    image.sizeBytes = (server.flavour.diskGib * gib) / 2;
    image.updatedAt = core.clock.now();
    Object.assign(image.properties, { image_location: "snapshot", image_state: "available", owner_id: image.ownerId });
  });
}
