import { createServer as createPlainServer, type Server } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openFetch } from "../../src/net/http.ts";
import type { NetworkError } from "../../src/net/trouble.ts";
import { type Authority, type Certificate, makeAuthority } from "./authority.ts";
import { type Proxy, startProxy } from "./connect-proxy.ts";

// Loopback is never asked through a proxy, so the host has a name that only the test's proxy knows.
const host = "keystone.test";
const password = "c@nary/pass";
let authority: Authority;
let proxy: Proxy;
const servers: Server[] = [];

beforeAll(() => {
  authority = makeAuthority(host);
});
afterAll(() => authority.remove());
beforeEach(async () => {
  proxy = await startProxy("alice", password);
});
afterEach(() => {
  proxy.close();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A server that says hello; returns its port. */
async function serve(certificate?: Certificate): Promise<number> {
  const server = certificate === undefined ? createPlainServer() : createServer(certificate);
  server.on("request", (_request, response) => response.end("hello"));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address with one.
  return (server.address() as AddressInfo).port;
}

async function failureOf(promise: Promise<unknown>): Promise<NetworkError> {
  // Every failure here is one of the network; a wrong one fails on its properties.
  return promise.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: unknown) => error as NetworkError,
  );
}

test("https goes through a tunnel and trusts the site's own authority", async () => {
  const port = await serve(authority.good);
  const fetch = await openFetch({ env: { HTTPS_PROXY: proxy.url }, cacertPath: authority.caPath });

  expect(await (await fetch(`https://${host}:${port}/`)).text()).toBe("hello");
  expect(proxy.asked).toEqual([`CONNECT ${host}:${port}`]);
});

test("plain http is handed to the proxy without a tunnel", async () => {
  const port = await serve();
  const fetch = await openFetch({ env: { HTTP_PROXY: proxy.url } });

  expect(await (await fetch(`http://${host}:${port}/x`)).text()).toBe("hello");
  expect(proxy.asked).toEqual([`GET http://${host}:${port}/x`]);
});

test("loopback is asked directly, proxy or not", async () => {
  const port = await serve();
  const fetch = await openFetch({ env: { HTTP_PROXY: proxy.url } });

  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("hello");
  expect(proxy.asked).toEqual([]);
});

test("a certificate of an unknown authority is refused, naming host and issuer", async () => {
  const port = await serve(authority.good);
  const fetch = await openFetch({ env: { HTTPS_PROXY: proxy.url } });

  const { kind, message, fix } = await failureOf(fetch(`https://${host}:${port}/`));
  expect(kind).toBe("tls-issuer");
  expect(message).toBe(
    `the certificate of ${host}:${port} is from an authority this machine does not know, issued by Hailstack Test Authority`,
  );
  expect(fix).toContain("cacert");
});

test("an expired certificate is told as expired, though its authority is known", async () => {
  const port = await serve(authority.expired);
  const fetch = await openFetch({ env: { HTTPS_PROXY: proxy.url }, cacertPath: authority.caPath });

  expect((await failureOf(fetch(`https://${host}:${port}/`))).message).toBe(
    `the certificate of ${host}:${port} has expired, issued by Hailstack Test Authority`,
  );
});

test("a certificate signed by itself is told as such, without a proxy", async () => {
  const port = await serve(authority.selfSigned);
  const fetch = await openFetch({ env: {} });

  expect((await failureOf(fetch(`https://127.0.0.1:${port}/`))).message).toBe(
    `the certificate of 127.0.0.1:${port} is signed by itself, issued by ${host}`,
  );
});

test("insecure takes any certificate", async () => {
  const port = await serve(authority.selfSigned);
  const fetch = await openFetch({ env: {}, insecure: true });

  expect((await fetch(`https://127.0.0.1:${port}/`)).status).toBe(200);
});

test("a proxy that wants another password is told, the password is not", async () => {
  const fetch = await openFetch({ env: { HTTPS_PROXY: `http://alice:wrong-canary@${proxy.host}` } });

  const failure = await failureOf(fetch(`https://${host}:443/`));
  expect(failure).toMatchObject({
    kind: "proxy",
    message: `the proxy would not connect to ${host}: it wants a user and password (407)`,
  });
  expect(JSON.stringify(failure.problem())).not.toContain("canary");
});

test("a proxy that is not there is told as what refused", async () => {
  const gone = await startProxy("a", "b");
  gone.close();
  const fetch = await openFetch({ env: { HTTPS_PROXY: gone.url } });

  expect((await failureOf(fetch(`https://${host}/`))).message).toBe(
    `no way to ${host} through the proxy: ${gone.host} refused the connection (tried 127.0.0.1, IPv4)`,
  );
});

test.for([
  { what: "no proxy's address", options: { env: { HTTP_PROXY: "gopher://canary" } }, slug: "proxy-invalid" },
  { what: "a missing file", options: { env: {}, cacertPath: "/nowhere/ca.pem" }, slug: "cacert-unreadable" },
  { what: "a file without a certificate", options: { env: {}, cacertPath: "/dev/null" }, slug: "cacert-invalid" },
])("$what is refused before anything is asked", async ({ options, slug }) => {
  await expect(openFetch(options)).rejects.toMatchObject({ exitCode: 2, problems: [{ slug }] });
});
