/** What the services answer, as far as the bare calls look at it: things with ids, alone or in lists, under any key. */
import { z } from "zod";

const Item = z.looseObject({ id: z.string(), name: z.string().optional(), status: z.string().optional() });
export type Item = z.infer<typeof Item>;
const One = z.record(z.string(), Item);
const Listed = z.record(z.string(), z.unknown());

/** The only thing of `{"port": {…}}`. */
export function one(answer: unknown): Item {
  const [item] = Object.values(One.parse(answer));
  if (!item) throw new Error(`nothing is in ${JSON.stringify(answer)}`);
  return item;
}

/** The items of the list `{"ports": […]}`, whatever stands beside it. */
export function many(answer: unknown): Item[] {
  return z.array(Item).parse(Object.values(Listed.parse(answer)).find(Array.isArray) ?? []);
}
