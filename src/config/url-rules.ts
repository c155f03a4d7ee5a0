/**
 * URLs of mirrors, proxies and projects. Messages name the part that is wrong, never the text: it may hold a password.
 * All are plain enough to stand between single quotes in a shell and between double quotes in apt's configuration.
 */
import { authorityFault, host } from "./network-rules.ts";
import { formRule, type Rule } from "./rules.ts";

const unreserved = "[A-Za-z0-9._~-]";
/** A user or password; whatever else it holds is written as %XX, and no control character is. */
const userText = `(?:${unreserved}|%[2-7][0-9A-Fa-f]|%[89A-Fa-f][0-9A-Fa-f])`;
const userInfo = `${userText}+(?::${userText}*)?`;
/** No segment is "." or "..", which would lead out of the mirror. */
const segment = "(?!\\.{1,2}(?:/|$))[A-Za-z0-9._~+-]+";
const authority = `(?:${userInfo}@)?${host}(?::\\d{1,5})?`;

type Allowed = { path: boolean; user: boolean };

function urlFault(value: string, { path: withPath, user }: Allowed): string | undefined {
  if (value.length > 512) return `it has ${value.length} characters`;
  const [, scheme, rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/su.exec(value) ?? [];
  if (scheme === undefined) return "it does not begin with http:// or https://";
  if (scheme !== "http" && scheme !== "https") return "its scheme is neither http nor https";
  if (rest.includes("?")) return "it holds a query ('?')";
  if (rest.includes("#")) return "it holds a fragment ('#')";
  const [before = ""] = rest.split("/", 1);
  const path = rest.slice(before.length);
  const at = before.lastIndexOf("@");
  if (at >= 0 && !user) return "it holds credentials (a part before '@')";
  if (at >= 0 && !new RegExp(`^${userInfo}$`).test(before.slice(0, at))) {
    return "in its user and password, all but letters, digits and ._~- must be written as %XX";
  }
  return authorityFault(before.slice(at + 1)) ?? pathFault(path, withPath);
}

function pathFault(path: string, allowed: boolean): string | undefined {
  if (path === "" || path === "/") return undefined;
  if (!allowed) return "it holds a path";
  const fits = new RegExp(`^(?:/${segment})+/?$`).test(path);
  return fits ? undefined : "its path is not made of names with single '/' between them (letters, digits and ._~+-)";
}

/** A mirror of files; a user and password may stand before its host. */
export const mirrorUrl: Rule = {
  slug: "config-mirror-url",
  wanted: "the URL of a mirror, such as https://mirror.example.org/hailstack/",
  pattern: () => new RegExp(`^https?://${authority}(?:/${segment})*/?$`),
  sensitive: true,
  fault: (value) => urlFault(value, { path: true, user: true }),
};

export const proxyUrl: Rule = {
  slug: "config-proxy-url",
  wanted: "the URL of an HTTP proxy, such as http://proxy.example.org:3128",
  pattern: () => new RegExp(`^https?://${authority}/?$`),
  sensitive: true,
  fault: (value) => urlFault(value, { path: false, user: true }),
};

/** Where a project publishes. */
export const homeUrl: Rule = {
  slug: "artifact-home",
  wanted: "the URL of a place that everybody can read, such as https://archive.example.org/dist/",
  sensitive: true,
  fault: (value) => urlFault(value, { path: true, user: false }),
};

/** A file below a mirror and below each home. `+` of a version is mostly written as %2B, and both are taken. */
export const artifactPath = formRule({
  slug: "artifact-path",
  wanted: "a path below the mirror: names with single '/' between them (letters, digits and ._~+-, and %2B)",
  pattern: /^(?!\.{1,2}(?:\/|$))(?:[A-Za-z0-9._~+-]|%2B)+(?:\/(?!\.{1,2}(?:\/|$))(?:[A-Za-z0-9._~+-]|%2B)+)*$/,
  allowed: /^[A-Za-z0-9._~+%/-]$/,
  max: 512,
});

const noProxyEntry = "(?:\\.|::)?[A-Za-z0-9](?:[A-Za-z0-9._:/-]*[A-Za-z0-9])?";

export const noProxyList = formRule({
  slug: "config-no-proxy",
  wanted: "hosts, domains and address ranges with ',' between them, such as localhost,.example.org,10.0.0.0/8",
  pattern: `^${noProxyEntry}(?:, ?${noProxyEntry})*$`,
  allowed: /^[A-Za-z0-9._:/, -]$/,
  max: 2048,
});
