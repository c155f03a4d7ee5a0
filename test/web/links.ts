/** What a page leads to, and whether it may. Pure. */

/** Where a cluster's pages are; whatever else begins with a slash has left its prefix. */
const prefixes =
  /^\/(?:(?:jupyter|spark|sparkhist|yarn|mapreduce|hdfs|netdata|proxy|node|(?:nm|dn)\d\d+)(?:[/?#]|$)|ready\.json$|$|[?#])/;
/** Roots of the Hadoop services' own paths, as their scripts write them. */
const hadoopRoots =
  /["'](\/(?:static|jmx|conf|logs|stacks|ws|webhdfs|cluster|jobhistory|node\/|startupProgress)[^"'\s]*)["']/g;

export type Link = { url: string; kind: "page" | "asset" };
export type Found = { links: Link[]; faults: string[] };

const isMade = (url: string): boolean => /[{}<>\\]|\+|\$\{/.test(url) || url === "";
const isInert = (url: string): boolean => /^(?:#|javascript:|mailto:|data:|blob:|about:)/i.test(url);

/** Links of a body of type `type` that was got from `at`; `inside` are host names of the cluster's nodes. */
export function linksOf(body: string, type: string, at: URL, inside: readonly string[]): Found {
  const found: Found = { links: [], faults: [] };
  for (const { url, kind } of [...attributes(body, type), ...sheets(body, type)]) {
    const text = url.replaceAll("&amp;", "&").trim();
    if (isMade(text) || isInert(text)) continue;
    const target = URL.parse(text, at.href);
    if (target === null) found.faults.push(`a link that is none: ${text}`);
    else judge(target, kind);
  }
  if (/^\/(?:yarn|mapreduce|hdfs|nm|dn|proxy)/.test(at.pathname) && /html|javascript/.test(type)) {
    for (const [, path = ""] of body.matchAll(hadoopRoots)) {
      if (!prefixes.test(path)) found.faults.push(`a script asks for ${path}`);
    }
  }
  return found;

  function judge(target: URL, kind: Link["kind"]): void {
    if (target.host !== at.host || target.protocol !== at.protocol) {
      const own = inside.some((name) => target.hostname === name) || /^(?:10|127|192\.168|172)\./.test(target.hostname);
      if (own) found.faults.push(`a link to a node by itself: ${target.href}`);
      // Who reads a page may go to its maker's site by a click, and by nothing else.
      else if (kind === "asset") found.faults.push(`an asset from elsewhere: ${target.href}`);
    } else if (!prefixes.test(target.pathname)) found.faults.push(`a link out of its prefix: ${target.pathname}`);
    else found.links.push({ url: target.pathname + target.search, kind });
  }
}

function attributes(body: string, type: string): Link[] {
  if (!/html/.test(type)) return [];
  // Within scripts too, where tables are made of texts.
  const text = body.replaceAll(/\\(["'/])/g, "$1");
  const tags = text.matchAll(
    /<(a|link|script|img|iframe|area|form)\b[^>]*?\s(?:href|src|action)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi,
  );
  return [...tags].map(([, tag = "", double, single]) => ({
    url: double ?? single ?? "",
    kind: /^(?:a|area|form|iframe)$/i.test(tag) ? "page" : "asset",
  }));
}

function sheets(body: string, type: string): Link[] {
  if (!/css/.test(type)) return [];
  return [...body.matchAll(/url\(\s*["']?([^"')]+)["']?\s*\)/g)].map(([, url = ""]) => ({ url, kind: "asset" }));
}

/** Links of one shape are like each other: numbers and values are left out. */
export const shapeOf = (url: string): string =>
  url
    .replaceAll(/\d+/g, "0")
    .replaceAll(/=[^&]*/g, "=")
    .replaceAll(/%[0-9A-F]{2}/gi, "%");
