/** `POST /v3/{project}/volumes/{id}/action`, of which only growing is known. */
import { type Call, projectOf } from "../core/call.ts";
import { type Answer, cinderError } from "../core/errors.ts";
import { fieldsOf } from "../core/json.ts";
import type { Volume } from "../state.ts";
import { checkQuotaForGib } from "./volume-create.ts";
import { foundVolume } from "./volumes.ts";

export function actOnVolume(call: Call): Answer {
  const action = Object.keys(fieldsOf(call.body))[0] ?? "";
  if (action !== "os-extend") {
    call.surprise(`unknown action ${action}`);
    const more = "Verify the request body and Content-Type header and try again.";
    throw cinderError(400, `There is no such action: ${action}. ${more}`);
  }
  return extend(call, foundVolume(call));
}

function extend(call: Call, volume: Volume): Answer {
  const size = Number(fieldsOf(fieldsOf(call.body)["os-extend"]).new_size);
  if (!Number.isInteger(size)) throw cinderError(400, "Invalid input for field/attribute new_size.");
  if (size <= volume.sizeGib) {
    const message = `Invalid input received: New size for extend must be greater than current size. (current: ${volume.sizeGib}, extended: ${size}).`;
    throw cinderError(400, message);
  }
  // Growing under a server's feet came with this version of the API.
  const online = volume.status === "in-use" && minorVersion(call) >= 42;
  if (volume.status !== "available" && !online) {
    throw cinderError(400, `Invalid volume: Volume ${volume.id} status must be available to extend.`);
  }
  checkQuotaForGib(call.core, projectOf(call), size - volume.sizeGib);
  volume.sizeGib = size;
  volume.updatedAt = call.core.clock.now();
  return { status: 202 };
}

const minorVersion = ({ headers }: Call): number =>
  Number(/^volume 3\.(\d+)$/.exec(String(headers["openstack-api-version"] ?? ""))?.[1] ?? 0);
