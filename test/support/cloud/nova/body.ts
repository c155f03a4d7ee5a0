/** Checks bodies as Nova (and Cinder, which took it over) does, with its messages. */
import type { Call } from "../core/call.ts";
import { novaError } from "../core/errors.ts";
import { type Fields, type Json, fieldsOf, pythonStr } from "../core/json.ts";
import { type Schema, faultsOf } from "../core/schema.ts";

/**
 * The body's one member. `everKnown` names properties that some other microversion has, so that asking for one too
 * early is refused but no surprise.
 * @throws Refusal (400)
 */
export function checkedBody(
  call: Call,
  name: string,
  schema: Schema,
  options: { everKnown?: readonly string[]; refuse?: typeof novaError; more?: Readonly<Record<string, Schema>> } = {},
): Fields {
  const { everKnown = [], refuse = novaError, more = {} } = options;
  const whole: Schema = {
    type: "object",
    properties: { [name]: schema, ...more },
    required: [name],
    additionalProperties: false,
  };
  const body = call.body ?? {};
  const [fault] = faultsOf(whole, body);
  if (fault === undefined) return fieldsOf(fieldsOf(body)[name]);
  const unknown = (fault.unknown ?? []).filter((key) => !everKnown.includes(key));
  if (unknown.length > 0) call.surprise(`unknown properties: ${unknown.join(", ")}`);
  throw refuse(400, messageOf(fault.path, fault.value, fault.message));
}

function messageOf(path: readonly (string | number)[], value: Json, message: string): string {
  const last = path.at(-1);
  if (last === undefined) return message;
  return `Invalid input for field/attribute ${last}. Value: ${pythonStr(value)}. ${message}`;
}

export const nameSchema: Schema = { type: "string", minLength: 1, maxLength: 255 };
export const metadataSchema: Schema = {
  type: "object",
  patternProperties: { "^[a-zA-Z0-9-_:. ]{1,255}$": { type: "string", maxLength: 255 } },
  additionalProperties: false,
};
export const tagsSchema: Schema = {
  type: "array",
  items: { type: "string", minLength: 1, maxLength: 60, pattern: "^[^,/]*$" },
  maxItems: 50,
};
export const booleanSchema: Schema = {
  type: ["boolean", "string"],
  enum: [true, "True", "true", "1", false, "False", "false", "0"],
};
