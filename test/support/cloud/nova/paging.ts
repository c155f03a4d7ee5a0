/** Nova's pages: `limit` and `marker`, at most 1,000 to a page. */
import type { Call } from "../core/call.ts";
import { novaError } from "../core/errors.ts";
import type { Fields } from "../core/json.ts";

const longestPage = 1000;

/** The page asked for of items in their order, and the link to the next one. @throws Refusal (400) */
export function pageOf<T>(call: Call, items: readonly T[], keyOf: (item: T) => string, plural: string) {
  const asked = call.query.get("limit");
  if (asked !== null && !/^[0-9]*$/.test(asked)) {
    const message = `Invalid input for query parameters limit. Value: ${asked}. '${asked}' does not match '^[0-9]*$'`;
    throw novaError(400, message);
  }
  const limit = Math.min(asked === null || asked === "" ? longestPage : Number(asked), longestPage);
  const marker = call.query.get("marker");
  const start = marker === null ? 0 : items.findIndex((item) => keyOf(item) === marker) + 1;
  if (marker !== null && start === 0) throw novaError(400, `marker [${marker}] not found`);
  const page = items.slice(start, start + limit);
  const last = page.at(-1);
  const links: Fields = {};
  if (last !== undefined && page.length === limit) links[`${plural}_links`] = [nextLink(call, keyOf(last))];
  return { page, links };
}

function nextLink(call: Call, marker: string): Fields {
  const params = new URLSearchParams(
    [...call.query].filter(([key]) => key !== "marker").sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  params.set("marker", marker);
  const path = call.target.split("?")[0] ?? "";
  return { rel: "next", href: `${call.root("compute")}${path}?${params.toString()}` };
}
