/** Proof that a key may do in the state bucket what every later command will need. */
import { randomUUID } from "node:crypto";
import { Exit, failure } from "../errors.ts";
import type { Bucket } from "../world.ts";

/** The four steps in their order; each @throws HailstackError (4) saying what the store refuses. The object goes again. */
export function probeBucket(bucket: Bucket): Record<"list" | "put" | "get" | "delete", () => Promise<void>> {
  const key = `hailstack/.probe-${randomUUID()}`;
  const text = "written by hailstack to see whether it may; safe to delete\n";
  return {
    list: async () => void (await bucket.list(key)),
    put: () => bucket.put(key, text),
    async get() {
      const bytes = await bucket.get(key);
      if (bytes !== undefined && Buffer.from(bytes).toString("utf8") === text) return;
      const message = "the store did not give back what was just written to it";
      throw failure(Exit.state, "store-inconsistent", message, "ask whoever runs the store", { where: `get ${key}` });
    },
    delete: () => bucket.delete(key),
  };
}

/**
 * All four, before anything is made: a key that may not delete would leave every lock behind.
 * @throws HailstackError (4) for the first step that the store refuses
 */
export async function proveStore(bucket: Bucket): Promise<void> {
  for (const step of Object.values(probeBucket(bucket))) await step();
}
