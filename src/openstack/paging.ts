/** Complete lists from services that give them in pages. */
import * as z from "zod";
import { Exit, failure } from "../errors.ts";
import type { Call, Session } from "./session.ts";

const Links = z.array(z.object({ rel: z.string(), href: z.string() })).optional();
const maxPages = 1_000;

/**
 * Every item of the collection `key`. The next page is in `<key>_links` (Nova, Neutron, Cinder) or `next` (Glance); only
 * its query is used, because behind a proxy services get their own address wrong, and the token goes nowhere else.
 * @throws HailstackError (3)
 */
export async function list<T>(session: Session, call: Call, key: string, item: z.ZodType<T>): Promise<T[]> {
  const page = pageOf(key, item);
  const items: T[] = [];
  const [path = ""] = call.path.split("?");
  for (let at: Call = call, pages = 1; ; pages += 1) {
    const content = await session.get(at, page);
    items.push(...content.items);
    if (content.next === undefined) return items;
    if (`${path}${content.next}` === at.path || pages >= maxPages) throw endless(call);
    at = { ...call, path: `${path}${content.next}` };
  }
}

/** Every item of a collection that has no links: pages by offset until one is empty. @throws HailstackError (3) */
export async function listByOffset<T>(session: Session, call: Call, key: string, item: z.ZodType<T>): Promise<T[]> {
  const page = z.object({ [key]: z.array(item) });
  const items: T[] = [];
  for (let pages = 1; ; pages += 1) {
    const query = items.length === 0 ? "" : `?offset=${items.length}`;
    const more = (await session.get({ ...call, path: call.path + query }, page))[key] ?? [];
    if (more.length === 0) return items;
    if (pages >= maxPages) throw endless(call);
    items.push(...more);
  }
}

type Page<T> = { items: T[]; next: string | undefined };

function pageOf<T>(key: string, item: z.ZodType<T>): z.ZodType<Page<T>> {
  return z.looseObject({}).transform((content, context): Page<T> => {
    const items = z.array(item).safeParse(content[key]);
    if (items.success) return { items: items.data, next: nextQuery(content[`${key}_links`], content["next"]) };
    for (const { path, message } of items.error.issues) {
      context.addIssue({ code: "custom", message, path: [key, ...path] });
    }
    return z.NEVER;
  });
}

function nextQuery(links: unknown, next: unknown): string | undefined {
  const href = Links.safeParse(links).data?.find((link) => link.rel === "next")?.href ?? next;
  return typeof href === "string" ? URL.parse(href, "http://service")?.search : undefined;
}

function endless({ service, what }: Call): Error {
  const message = `the ${service} service's pages have no end (${what})`;
  return failure(Exit.preflight, "cloud-answer-unexpected", message, "tell your cloud's administrators");
}
