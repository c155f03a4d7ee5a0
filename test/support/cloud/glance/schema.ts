/** What Glance's own JSON schema and policy say about values. */
import { glanceError, type Refusal } from "../core/errors.ts";
import { type Json, pythonRepr } from "../core/json.ts";
import type { Visibility } from "../state.ts";

const visibilities: readonly Visibility[] = ["community", "public", "private", "shared"];

/** A free property that is no text. */
export function notOfType(key: string, value: Json): Refusal {
  const shown = pythonRepr(value);
  return mismatch(
    `${shown} is not of type 'string'`,
    "'type' in schema['additionalProperties']:\n    {'type': 'string'}",
    key,
    shown,
  );
}

/** @throws Refusal (400) */
export function checkedVisibility(value: Json): Visibility {
  const found = visibilities.find((each) => each === value);
  if (found !== undefined) return found;
  const shown = pythonRepr(value);
  const known = pythonRepr([...visibilities]);
  const schema = `{'description': 'Scope of image accessibility',\n     'enum': ${known},\n     'type': 'string'}`;
  throw mismatch(
    `${shown} is not one of ${known}`,
    `'enum' in schema['properties']['visibility']:\n    ${schema}`,
    "visibility",
    shown,
  );
}

function mismatch(fault: string, rule: string, key: string, shown: string): Refusal {
  const message = `Provided object does not match schema 'image': ${fault}\n\nFailed validating ${rule}\n\nOn instance['${key}']:\n    ${shown}`;
  return glanceError(400, message);
}

/** Only administrators make images public. @throws Refusal (403) */
export function refusePublishing(visibility: Visibility): void {
  if (visibility === "public") throw glanceError(403, "You are not authorized to complete publicize_image action.");
}
