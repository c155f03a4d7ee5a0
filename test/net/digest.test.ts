import { createHash } from "node:crypto";
import { createServer as createPlainServer, type RequestListener, type Server } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { HailstackError } from "../../src/errors.ts";
import { fetchDigest } from "../../src/net/digest.ts";
import { openFetch } from "../../src/net/http.ts";
import { type Authority, type Certificate, makeAuthority } from "./authority.ts";
import { startProxy } from "./connect-proxy.ts";

const host = "mirror.test";
const file = Buffer.alloc(300_000, "hailstack");
const sha256 = createHash("sha256").update(file).digest("hex");
let authority: Authority;
const servers: Server[] = [];
beforeAll(() => {
  authority = makeAuthority(host);
});
afterAll(() => authority.remove());
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A server; returns its port. */
async function serve(answer: RequestListener, certificate?: Certificate): Promise<number> {
  const server = certificate === undefined ? createPlainServer(answer) : createServer(certificate, answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address with one.
  return (server.address() as AddressInfo).port;
}

const digest = async (url: string, more: { algorithm?: "sha512"; received?: (...seen: unknown[]) => void } = {}) =>
  fetchDigest(await openFetch({ env: {} }), url, { algorithm: "sha256", ...more });

async function problemOf(url: string) {
  const error: unknown = await digest(url).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HailstackError)) throw new Error("no HailstackError", { cause: error });
  return { exitCode: error.exitCode, ...error.problems[0] };
}

test("the checksum is of the bytes as they came, and progress ends at the whole", async () => {
  const port = await serve((_request, response) => response.end(file));
  const seen: unknown[][] = [];

  expect(await digest(`http://127.0.0.1:${port}/x`, { received: (...now) => seen.push(now) })).toEqual({
    hash: sha256,
    bytes: file.length,
  });
  expect(seen.at(-1)).toEqual([file.length, file.length]);
  expect(seen.map(([bytes]) => bytes)).toEqual(seen.map(([bytes]) => bytes).sort((a, b) => Number(a) - Number(b)));
  const long = await digest(`http://127.0.0.1:${port}/x`, { algorithm: "sha512" });
  expect(long.hash).toBe(createHash("sha512").update(file).digest("hex"));
});

test("user and password go to the host they are for, and not to one it redirects to", async () => {
  const asked: (string | undefined)[] = [];
  const storage = await serve((request, response) => {
    asked.push(request.headers.authorization);
    response.end(file);
  });
  const mirror = await serve((request, response) => {
    asked.push(request.headers.authorization);
    response.writeHead(302, { location: `http://localhost:${storage}/x` }).end();
  });

  expect((await digest(`http://ann:p%40ss@127.0.0.1:${mirror}/x`)).hash).toBe(sha256);
  expect(asked).toEqual([`Basic ${Buffer.from("ann:p@ss").toString("base64")}`, undefined]);
});

test.for([
  { status: 404, fix: "check its address" },
  { status: 401, fix: "check the user and password of the mirror" },
  { status: 503, fix: "check its address" },
])("an answer $status is told with the address, without its password", async ({ status, fix }) => {
  const port = await serve((_request, response) => response.writeHead(status).end("canary"));
  const problem = await problemOf(`http://ann:canary@127.0.0.1:${port}/a/b.jar`);

  expect(problem).toEqual({
    exitCode: 1,
    slug: "download-refused",
    message: `the server answered ${status}`,
    where: `http://127.0.0.1:${port}/a/b.jar`,
    fix,
  });
});

test("a server that packs the file on the way is told, for its checksum would be another", async () => {
  const port = await serve((_request, response) =>
    response.writeHead(200, { "content-encoding": "x-gzip" }).end(gzipSync(file)),
  );

  expect(await problemOf(`http://127.0.0.1:${port}/x`)).toMatchObject({
    slug: "download-encoded",
    message: "the server sends the file with content-encoding x-gzip, which hides its own bytes",
  });
});

test("a file that breaks off is no file", async () => {
  const port = await serve((_request, response) => {
    response.writeHead(200, { "content-length": file.length });
    response.write(file.subarray(0, 1000), () => response.destroy());
  });

  expect(await problemOf(`http://127.0.0.1:${port}/x`)).toMatchObject({
    exitCode: 1,
    slug: "network-reset",
    where: `http://127.0.0.1:${port}/x`,
  });
});

test("a mirror that is away is told as what refused", async () => {
  const port = await serve(() => {});
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));

  expect(await problemOf(`http://ann:canary@127.0.0.1:${port}/x`)).toMatchObject({ slug: "network-refused" });
});

test("an authority beside the machine's own is trusted for a mirror, through a proxy too", async () => {
  const port = await serve((_request, response) => response.end(file), authority.good);
  const proxy = await startProxy("ann", "pass");
  const fetch = await openFetch({ env: { HTTPS_PROXY: proxy.url }, extraCacertPath: authority.caPath });

  expect((await fetchDigest(fetch, `https://${host}:${port}/x`, { algorithm: "sha256" })).hash).toBe(sha256);
  expect(proxy.asked).toEqual([`CONNECT ${host}:${port}`]);
  proxy.close();
});

test("with it, what NODE_EXTRA_CA_CERTS names is trusted still", async () => {
  const other = makeAuthority("other.test");
  const port = await serve((_request, response) => response.end(file), authority.good);
  const proxy = await startProxy("ann", "pass");
  const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: authority.caPath };
  const fetch = await openFetch({ env, extraCacertPath: other.caPath });

  expect((await fetchDigest(fetch, `https://${host}:${port}/x`, { algorithm: "sha256" })).hash).toBe(sha256);
  other.remove();
  proxy.close();
});

test("an authority's file that is none is the config's fault, and nothing is asked", async () => {
  await expect(openFetch({ env: {}, extraCacertPath: "/dev/null" })).rejects.toMatchObject({
    exitCode: 2,
    problems: [{ slug: "cacert-invalid", fix: expect.stringContaining("packer.ca_file") }],
  });
});
