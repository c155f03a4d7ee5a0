import { expect, test } from "vitest";
import { networkTrouble } from "../../src/net/trouble.ts";

const url = "https://user:canary@keystone.example:5000/v3/canary?canary";

/** As fetch rejects: the reason is the cause. */
const failed = (code: string, more: object = {}): Error =>
  new TypeError("fetch failed", { cause: Object.assign(new Error(`canary ${code}`), { code, ...more }) });

test.for([
  { code: "ENOTFOUND", kind: "name-unknown", says: "no such host keystone.example (DNS: NXDOMAIN)" },
  { code: "EAI_AGAIN", kind: "name-server", says: "the name server did not answer for keystone.example" },
  { code: "ECONNREFUSED", kind: "refused", says: "keystone.example:5000 refused the connection" },
  { code: "EHOSTUNREACH", kind: "unreachable", says: "there is no way to keystone.example:5000" },
  { code: "ECONNRESET", kind: "reset", says: "closed the connection before it answered" },
  { code: "UND_ERR_SOCKET", kind: "reset", says: "closed the connection before it answered" },
  { code: "UND_ERR_CONNECT_TIMEOUT", kind: "timeout", says: "did not take the connection in time" },
  { code: "UND_ERR_BODY_TIMEOUT", kind: "timeout", says: "did not answer in time" },
  { code: "CERT_HAS_EXPIRED", kind: "tls-expired", says: "has expired, issued by Site CA" },
  { code: "CERT_NOT_YET_VALID", kind: "tls-expired", says: "is not valid yet" },
  { code: "DEPTH_ZERO_SELF_SIGNED_CERT", kind: "tls-self-signed", says: "is signed by itself" },
  { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE", kind: "tls-issuer", says: "does not know, issued by Site CA" },
  { code: "ERR_TLS_CERT_ALTNAME_INVALID", kind: "tls-name", says: "is for another host" },
  { code: "ERR_SSL_WRONG_VERSION_NUMBER", kind: "tls", says: "no TLS connection to keystone.example:5000" },
])("$code is told as $kind", ({ code, kind, says }) => {
  const trouble = networkTrouble(failed(code), url, "Site CA");
  expect(trouble).toMatchObject({ kind, host: "keystone.example:5000" });
  expect(trouble?.message).toContain(says);
  expect(JSON.stringify(trouble?.problem())).not.toContain("canary");
});

test("every address that was tried is named, with its family", () => {
  const errors = [{ address: "fd00::1" }, { address: "10.0.0.1" }];
  const { message } = networkTrouble(failed("ECONNREFUSED", { errors }), url) ?? {};
  expect(message).toContain("(tried fd00::1, IPv6; 10.0.0.1, IPv4)");
});

test("a time-out of our own counts as one of the network", () => {
  expect(networkTrouble(new DOMException("canary", "TimeoutError"), url)?.kind).toBe("timeout");
});

test("a failure without a known reason is still told", () => {
  expect(networkTrouble(new TypeError("fetch failed"), url)?.kind).toBe("other");
});

test.for([
  { what: "the caller's own abort", error: new DOMException("stop", "AbortError") },
  { what: "a bug", error: new TypeError("x is not a function") },
  { what: "nothing", error: undefined },
])("$what is no network failure", ({ error }) => {
  expect(networkTrouble(error, url)).toBeUndefined();
});
