/** The schema as a tree of tables and fields, for whatever must walk all of it: hints, documents, comparisons. */
import * as z from "zod/mini";
import { type About, aboutOf } from "./fields.ts";
import type { Path } from "./faults.ts";
import { configSchema } from "./schema.ts";

export type Field = {
  readonly path: readonly string[];
  readonly about: About;
  /** With its default, if it has one. */
  readonly schema: z.core.$ZodType;
};

/** Every field, in the order of the schema. */
export function allFields(table: z.core.$ZodType = configSchema, path: readonly string[] = []): Field[] {
  return Object.entries(shapeOf(table)).flatMap(([key, schema]) => {
    const here = [...path, key];
    const about = aboutOf(schema);
    return about === undefined ? allFields(schema, here) : [{ path: here, about, schema }];
  });
}

/** What is said about the field at `path`; for an entry of a list, about the list. */
export function aboutField(root: z.core.$ZodType, path: Path): About | undefined {
  let schema: z.core.$ZodType | undefined = root;
  for (const step of path) {
    if (typeof step === "number" || schema === undefined) break;
    schema = shapeOf(schema)[step];
  }
  return schema === undefined ? undefined : aboutOf(schema);
}

/** The keys that the table at `path` may have. */
export function knownKeys(root: z.core.$ZodType, path: Path): string[] {
  let schema: z.core.$ZodType | undefined = root;
  for (const step of path) schema = schema === undefined ? undefined : (shapeOf(schema)[step] ?? valuesOf(schema));
  return schema === undefined ? [] : Object.keys(shapeOf(schema));
}

/** The schema behind defaults and options. */
export function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  const wraps =
    schema instanceof z.ZodMiniDefault || schema instanceof z.ZodMiniPrefault || schema instanceof z.ZodMiniOptional;
  return wraps ? unwrapped(schema.def.innerType) : schema;
}

function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodMiniObject ? inner.def.shape : {};
}

/** What each value of a table with free keys must be, such as `[bundle."<id>"]`. */
function valuesOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodMiniRecord ? inner.def.valueType : undefined;
}
