/** What `POST /v2.1/servers` may hold, which depends on the microversion. */
import type { Schema } from "../core/schema.ts";
import { booleanSchema, metadataSchema, nameSchema, tagsSchema } from "./body.ts";

const uuid: Schema = { type: "string", format: "uuid" };
const nullable = (schema: Schema): Schema => ({ oneOf: [schema, { type: "null" }] });
const userData: Schema = { type: "string", format: "base64", maxLength: 65_535 };

export const hintsSchema: Schema = { type: "object", properties: { group: uuid } };

/** `version` is the minor part: 52 for 2.52. */
export function serverSchema(version: number): Schema {
  const network: Schema = {
    type: "object",
    properties: {
      fixed_ip: { type: "string" },
      port: nullable(uuid),
      uuid: version >= 37 ? uuid : { type: "string" },
      ...(version >= 42 ? { tag: { type: "string" } as const } : {}),
    },
    additionalProperties: false,
  };
  const networks: Schema = { type: "array", items: network };
  return {
    type: "object",
    properties: {
      name: nameSchema,
      imageRef: { oneOf: [uuid, { type: "string", maxLength: 0 }] },
      flavorRef: { type: ["string", "integer"], minLength: 1 },
      adminPass: { type: "string" },
      metadata: metadataSchema,
      networks: version >= 37 ? { oneOf: [networks, { type: "string", enum: ["none", "auto"] }] } : networks,
      availability_zone: nameSchema,
      config_drive: booleanSchema,
      key_name: nameSchema,
      min_count: { type: ["integer", "string"], minimum: 1 },
      max_count: { type: ["integer", "string"], minimum: 1 },
      security_groups: {
        type: "array",
        items: { type: "object", properties: { name: nameSchema }, additionalProperties: false },
      },
      user_data: userData,
      ...(version >= 52 ? { tags: tagsSchema } : {}),
    },
    required: version >= 37 ? ["name", "flavorRef", "networks"] : ["name", "flavorRef"],
    additionalProperties: false,
  };
}
