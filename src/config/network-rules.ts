/** What addresses, hosts and services may look like in a config. */
import { forbidden, formRule, type Rule } from "./rules.ts";

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const address = `(?:${octet}\\.){3}${octet}`;
const label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
/** Name or IPv4 address, as a part of patterns. */
export const host = `${label}(?:\\.${label})*`;

const ipv4Form = formRule({
  slug: "config-ipv4",
  wanted: "an IPv4 address such as 192.0.2.10",
  pattern: `^${address}$`,
  allowed: /^[\d.]$/,
  max: 15,
});

/** An address a server can be reached at. */
export const ipv4: Rule = {
  ...ipv4Form,
  fault(value) {
    if (value.includes(":")) return "this is not IPv4 (IPv6 has ':')";
    return ipv4Form.fault(value) ?? unreachable(value);
  },
};

function unreachable(value: string): string | undefined {
  const first = Number(value.split(".")[0]);
  if (first === 0) return "addresses in 0.0.0.0/8 mean no host";
  if (first === 127) return "addresses in 127.0.0.0/8 mean the host itself";
  if (first >= 224 && first < 240) return "this is a multicast address";
  return first >= 240 ? "addresses from 240.0.0.0 on are reserved" : undefined;
}

const cidrForm = formRule({
  slug: "config-cidr",
  wanted: "an IPv4 range such as 192.0.2.0/24",
  pattern: `^${address}/(?:3[0-2]|[12]?\\d)$`,
  allowed: /^[\d./]$/,
  max: 18,
});

export const cidr: Rule = {
  ...cidrForm,
  fault(value) {
    if (value.includes(":")) return "this is not IPv4 (IPv6 has ':')";
    const fault = cidrForm.fault(value);
    if (fault !== undefined) return fault;
    const base = rangeBase(value);
    // Neutron stores the base; anything else would look changed at every run.
    return value === base ? undefined : `bits are set beyond the prefix; the range is ${base}`;
  },
};

/** The range with every bit beyond its prefix cleared. */
function rangeBase(value: string): string {
  const [base = "", prefix = ""] = value.split("/");
  const size = 2 ** (32 - Number(prefix));
  const number = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const start = Math.floor(number / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join(".")}/${prefix}`;
}

const domainForm = formRule({
  slug: "config-dns-domains",
  wanted: "domain names with single spaces between them, such as 'internal.example example.org'",
  pattern: `^${host}(?: ${host})*$`,
  allowed: /^[A-Za-z0-9. -]$/,
  max: 1024,
});

/** resolv.conf(5): systemd-resolved takes more than six, but a resolver of old programs stops there. */
export const searchDomains: Rule = {
  ...domainForm,
  fault(value) {
    const long = value.split(" ").find((name) => name.length > 253);
    return domainForm.fault(value) ?? (long === undefined ? undefined : "a name is longer than 253 characters");
  },
};

const networkId = `${host}@(?:tcp|o2ib|kfi|gni)\\d{0,3}`;

/** mount.lustre(8): one or more servers (',' for further addresses of one, ':' for its stand-by), then the file system. */
export const lustreTarget = formRule({
  slug: "config-lustre-target",
  wanted: "a Lustre target such as 10.1.0.1@tcp:/fsx or 10.1.0.1@tcp,10.2.0.1@o2ib:10.1.0.2@tcp:/fsx/project",
  pattern: `^${networkId}(?:[,:]${networkId})*:(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)+$`,
  allowed: /^[A-Za-z0-9@:,/._-]$/,
  max: 512,
});

/** Messages name the part that is wrong, never the text: a pasted URL may hold credentials. */
export const endpoint: Rule = {
  slug: "config-endpoint",
  wanted: "the address of an S3 service: https://host, http://host:port or a bare host",
  pattern: () => new RegExp(`^(?:https?://)?${host}(?::\\d{1,5})?/?$`),
  sensitive: true,
  fault(value) {
    if (value.length > 512) return `it has ${value.length} characters`;
    const [, scheme, rest = value] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/su.exec(value) ?? [];
    if (scheme !== undefined && scheme !== "http" && scheme !== "https") return "its scheme is neither http nor https";
    if (rest.includes("@")) return "it holds credentials (a part before '@'); put them in access_key and secret_key";
    for (const [mark, part] of [
      ["?", "a query ('?')"],
      ["#", "a fragment ('#')"],
      ["&", "'&'"],
    ] as const) {
      if (rest.includes(mark)) return `it holds ${part}`;
    }
    const [authority = "", ...path] = rest.split("/");
    return authorityFault(authority) ?? (path.join("/") === "" ? undefined : "it holds a path");
  },
};

/** What is wrong with the `host` or `host:port` of a URL; undefined when nothing is. */
export function authorityFault(authority: string): string | undefined {
  const [name = "", port, ...more] = authority.split(":");
  const offender = forbidden(name, /^[A-Za-z0-9.-]$/);
  if (offender !== undefined) return `in its host, ${offender}`;
  if (!new RegExp(`^${host}$`).test(name) || name.length > 253) return "its host is not a host name or IPv4 address";
  if (more.length > 0 || (port !== undefined && !isPort(port))) return "its port is not a number from 1 to 65535";
  return undefined;
}

const isPort = (text: string): boolean => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;

const bucketForm = formRule({
  slug: "config-bucket",
  wanted: "a bucket name: 3 to 63 lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit",
  pattern: /^[a-z0-9][a-z0-9.-]+[a-z0-9]$/,
  allowed: /^[a-z0-9.-]$/,
  max: 63,
});
export const bucketName: Rule = {
  ...bucketForm,
  fault(value) {
    const fault = bucketForm.fault(value);
    if (fault !== undefined) return fault;
    if (/\.[.-]|-\./.test(value)) return "a '.' stands beside another '.' or a '-'";
    return ipv4Form.fault(value) === undefined ? "it looks like an IPv4 address" : undefined;
  },
};
