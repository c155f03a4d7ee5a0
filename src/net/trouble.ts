/** Network failures in words. Nothing here quotes a URL's user, password, path or query. */
import { isIP } from "node:net";
import type { Problem } from "../errors.ts";

export type NetworkTroubleKind =
  | "name-unknown"
  | "name-server"
  | "refused"
  | "reset"
  | "timeout"
  | "unreachable"
  | "tls-issuer"
  | "tls-self-signed"
  | "tls-expired"
  | "tls-name"
  | "tls"
  | "proxy"
  | "other";

/** A request that got no answer, or half of one. */
export class NetworkError extends Error {
  readonly kind: NetworkTroubleKind;
  /** Host and port that were asked. */
  readonly host: string;
  readonly fix: string;

  constructor(kind: NetworkTroubleKind, host: string, message: string, fix: string, cause: unknown) {
    super(message, { cause });
    this.name = "NetworkError";
    this.kind = kind;
    this.host = host;
    this.fix = fix;
  }

  /** The same, as a problem to show; its slug is `network-` and the kind. */
  problem(): Problem {
    return { slug: `network-${this.kind}`, message: this.message, fix: this.fix };
  }
}

/**
 * What went wrong on the way to `url`; undefined for what is no network failure, such as the caller's own abort.
 * `issuer` is who signed the refused certificate, where that is known.
 */
export function networkTrouble(error: unknown, url: string | URL, issuer?: string): NetworkError | undefined {
  if (error instanceof NetworkError) return error;
  const { host, hostname: name } = new URL(url);
  const signed = issuer === undefined ? "" : `, issued by ${issuer}`;
  for (const cause of causes(error)) {
    const words = describe({ cause, name, host, signed });
    if (words !== undefined) return new NetworkError(words[0], host, words[1], words[2], error);
  }
  const isFetchFailure = error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message);
  if (!isFetchFailure) return undefined;
  return new NetworkError("other", host, `the request to ${host} failed`, `check that ${host} can be reached`, error);
}

type Words = [kind: NetworkTroubleKind, message: string, fix: string];

/** What the words are about; `signed` is empty or tells who issued the certificate. */
type At = { cause: object; name: string; host: string; signed: string };

const check = ({ host }: At): string => `check the address, and that a firewall or VPN lets you reach ${host}`;
const caFix =
  "name the authority's PEM file as cacert in clouds.yaml or OS_CACERT, and in NODE_EXTRA_CA_CERTS for everything else";

const unknownName = ({ name }: At): Words => [
  "name-unknown",
  `no such host ${name} (DNS: NXDOMAIN)`,
  "check the address, and that the VPN is up",
];
const nameServer = ({ name }: At): Words => [
  "name-server",
  `the name server did not answer for ${name} (DNS: SERVFAIL or time-out)`,
  "check the DNS, then try again",
];
const refused = (at: At): Words => ["refused", `${at.host} refused the connection${addresses(at.cause)}`, check(at)];
const noWay = (at: At): Words => ["unreachable", `there is no way to ${at.host}${addresses(at.cause)}`, check(at)];
const reset = (at: At): Words => [
  "reset",
  `${at.host} closed the connection before it answered`,
  `try again; if it stays so, ${check(at)}`,
];
const noConnection = (at: At): Words => [
  "timeout",
  `${at.host} did not take the connection in time${addresses(at.cause)}`,
  check(at),
];
const noAnswer = ({ host }: At): Words => ["timeout", `${host} did not answer in time`, "try again later"];
const expired = ({ name, host, signed }: At): Words => [
  "tls-expired",
  `the certificate of ${host} has expired${signed}`,
  `have the certificate of ${name} renewed`,
];
const notYet = ({ host, signed }: At): Words => [
  "tls-expired",
  `the certificate of ${host} is not valid yet${signed}`,
  "check this machine's clock",
];
const selfSigned = ({ host, signed }: At): Words => [
  "tls-self-signed",
  `the certificate of ${host} is signed by itself${signed}`,
  caFix,
];
const unknownIssuer = ({ host, signed }: At): Words => [
  "tls-issuer",
  `the certificate of ${host} is from an authority this machine does not know${signed}`,
  caFix,
];
const otherName = ({ host, signed }: At): Words => [
  "tls-name",
  `the certificate of ${host} is for another host${signed}`,
  "use the name that is in it",
];
const proxyRefused = ({ host, cause }: At): Words => [
  "proxy",
  `the proxy would not connect to ${host}${proxyStatus(cause)}`,
  "check HTTPS_PROXY and NO_PROXY",
];

/** By the codes of Node, OpenSSL and undici. */
const byCode = new Map<string, (at: At) => Words>([
  ["ENOTFOUND", unknownName],
  ["EAI_AGAIN", nameServer],
  ["ESERVFAIL", nameServer],
  ["ETIMEOUT", nameServer],
  ["ECONNREFUSED", refused],
  ["ENETUNREACH", noWay],
  ["EHOSTUNREACH", noWay],
  ["EADDRNOTAVAIL", noWay],
  ["ECONNRESET", reset],
  ["EPIPE", reset],
  ["UND_ERR_SOCKET", reset],
  ["ETIMEDOUT", noConnection],
  ["UND_ERR_CONNECT_TIMEOUT", noConnection],
  ["UND_ERR_HEADERS_TIMEOUT", noAnswer],
  ["UND_ERR_BODY_TIMEOUT", noAnswer],
  ["CERT_HAS_EXPIRED", expired],
  ["CERT_NOT_YET_VALID", notYet],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", selfSigned],
  ["SELF_SIGNED_CERT_IN_CHAIN", unknownIssuer],
  ["UNABLE_TO_GET_ISSUER_CERT", unknownIssuer],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", unknownIssuer],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", unknownIssuer],
  ["ERR_TLS_CERT_ALTNAME_INVALID", otherName],
  ["UND_ERR_ABORTED", proxyRefused],
]);

function describe(at: At): Words | undefined {
  const code = "code" in at.cause ? String(at.cause.code) : "";
  return byCode.get(code)?.(at) ?? describeOther(at, code);
}

function describeOther(at: At, code: string): Words | undefined {
  const { cause, host, signed } = at;
  if ("name" in cause && cause.name === "TimeoutError") return noAnswer(at);
  if (/^(ERR_SSL_|ERR_TLS_|EPROTO|CERT_)/.test(code)) {
    return ["tls", `no TLS connection to ${host} (${code})${signed}`, "check that the address wants https"];
  }
  if (/^UND_ERR_(PRX_TLS|SOCKS5)/.test(code)) {
    return ["proxy", `no connection to the proxy on the way to ${host} (${code})`, "check HTTPS_PROXY"];
  }
  return undefined;
}

/** undici tells the status a proxy refused a tunnel with in its message only; it decides nothing here. */
function proxyStatus(cause: object): string {
  const status = "message" in cause ? /\((\d{3})\)/.exec(String(cause.message))?.[1] : undefined;
  if (status === undefined) return "";
  return status === "407" ? ": it wants a user and password (407)" : ` (${status})`;
}

/** Of a connection that was tried on several addresses: which, so that a broken IPv6 shows. */
function addresses(cause: object): string {
  const tried = "errors" in cause && Array.isArray(cause.errors) ? cause.errors : [cause];
  const names = tried.flatMap((one: unknown) => {
    if (typeof one !== "object" || one === null || !("address" in one)) return [];
    return [`${String(one.address)}, IPv${isIP(String(one.address)) || "?"}`];
  });
  return names.length === 0 ? "" : ` (tried ${names.join("; ")})`;
}

function causes(error: unknown): object[] {
  const chain: object[] = [];
  for (let each = error; typeof each === "object" && each !== null && chain.length < 8;) {
    chain.push(each);
    each = "cause" in each ? each.cause : undefined;
  }
  return chain;
}
