/** As much of JSON Schema as Nova and Cinder use to check bodies, with the messages of Python's `jsonschema`. */
import { type Fields, type Json, isFields, pythonRepr } from "./json.ts";

type TypeName = "string" | "integer" | "number" | "boolean" | "object" | "array" | "null";

export type Schema = {
  type?: TypeName | readonly TypeName[];
  enum?: readonly Json[];
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: "uuid" | "base64";
  minimum?: number;
  properties?: Readonly<Record<string, Schema>>;
  patternProperties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  additionalProperties?: boolean;
  /** A list is for arrays whose places differ. */
  items?: Schema | readonly Schema[];
  minItems?: number;
  maxItems?: number;
  oneOf?: readonly Schema[];
};

export type Fault = {
  path: readonly (string | number)[];
  value: Json;
  message: string;
  /** The properties nothing knows, when that is what is wrong. */
  unknown?: readonly string[];
};

/** What is wrong with `value`, the first fault first, in the order in which Python would find it. */
export function* faultsOf(schema: Schema, value: Json, path: readonly (string | number)[] = []): Generator<Fault> {
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type) => isOfType(type, value))) {
    const message = `${pythonRepr(value)} is not of type ${types.map(pythonRepr).join(", ")}`;
    yield { path, value, message };
  }
  if (typeof value === "string") yield* faultsOfText(schema, value, path);
  if (typeof value === "number" && schema.minimum !== undefined && value < schema.minimum) {
    yield { path, value, message: `${value} is less than the minimum of ${schema.minimum}` };
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    yield { path, value, message: `${pythonRepr(value)} is not one of ${pythonRepr([...schema.enum])}` };
  }
  if (schema.oneOf?.every((option) => !faultsOf(option, value).next().done)) {
    yield { path, value, message: `${pythonRepr(value)} is not valid under any of the given schemas` };
  }
  if (isFields(value)) yield* faultsOfObject(schema, value, path);
  if (Array.isArray(value)) yield* faultsOfList(schema, value, path);
}

function isOfType(type: TypeName, value: Json): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isFields(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

function* faultsOfText(schema: Schema, value: string, path: Fault["path"]): Generator<Fault> {
  const shown = pythonRepr(value);
  if (schema.minLength !== undefined && value.length < schema.minLength) {
    yield { path, value, message: `${shown} is too short` };
  }
  if (schema.maxLength !== undefined && value.length > schema.maxLength) {
    yield { path, value, message: `${shown} is too long` };
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
    yield { path, value, message: `${shown} does not match ${pythonRepr(schema.pattern)}` };
  }
  if (schema.format !== undefined && !isOfFormat(schema.format, value)) {
    yield { path, value, message: `${shown} is not a ${pythonRepr(schema.format)}` };
  }
}

const uuid = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** Python's base64 skips what is no letter of it and then wants whole groups of four. */
function isOfFormat(format: "uuid" | "base64", value: string): boolean {
  if (format === "uuid") return uuid.test(value);
  return value.replaceAll(/[^A-Za-z0-9+/=]/g, "").length % 4 === 0;
}

function* faultsOfObject(schema: Schema, value: Fields, path: Fault["path"]): Generator<Fault> {
  const { properties = {}, patternProperties = {} } = schema;
  for (const [key, property] of Object.entries(properties)) {
    const item = value[key];
    if (item !== undefined) yield* faultsOf(property, item, [...path, key]);
  }
  for (const [pattern, property] of Object.entries(patternProperties)) {
    for (const [key, item] of Object.entries(value)) {
      if (new RegExp(pattern).test(key)) yield* faultsOf(property, item, [...path, key]);
    }
  }
  for (const key of schema.required ?? []) {
    if (!(key in value)) yield { path, value, message: `${pythonRepr(key)} is a required property` };
  }
  if (schema.additionalProperties !== false) return;
  const patterns = Object.keys(patternProperties);
  const unknown = Object.keys(value).filter(
    (key) => !(key in properties) && !patterns.some((pattern) => new RegExp(pattern).test(key)),
  );
  if (unknown.length === 0) return;
  yield { path, value, message: unknownMessage(unknown, patterns), unknown };
}

function unknownMessage(unknown: readonly string[], patterns: readonly string[]): string {
  const names = unknown.map(pythonRepr).join(", ");
  if (patterns.length === 0) {
    return `Additional properties are not allowed (${names} ${unknown.length === 1 ? "was" : "were"} unexpected)`;
  }
  const verb = unknown.length === 1 ? "does" : "do";
  return `${names} ${verb} not match any of the regexes: ${patterns.map(pythonRepr).join(", ")}`;
}

function* faultsOfList(schema: Schema, value: Json[], path: Fault["path"]): Generator<Fault> {
  for (const [index, item] of value.entries()) {
    const own = Array.isArray(schema.items) ? schema.items[index] : schema.items;
    if (own !== undefined) yield* faultsOf(own, item, [...path, index]);
  }
  const shown = pythonRepr(value);
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    yield { path, value, message: `${shown} is too short` };
  }
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    yield { path, value, message: `${shown} is too long` };
  }
}
