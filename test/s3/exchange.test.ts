import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { exchange, isAway, isFromStore, reasonOf, type Answer } from "../../src/s3/exchange.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function listen(answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void): Promise<URL> {
  const opened = createServer(answer);
  server = opened;
  await new Promise<void>((resolve) => opened.listen(0, "127.0.0.1", resolve));
  const address = opened.address();
  return new URL(`http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/b/k`);
}
const ask = (url: URL, quietMs: number, signal?: AbortSignal) =>
  exchange(
    fetch,
    { method: "GET", url, headers: {}, body: new Uint8Array() },
    { quietMs, ...(signal ? { signal } : {}) },
  );

describe("an answer", () => {
  test("that comes slowly is waited for as long as it comes", async () => {
    const url = await listen((_, outgoing) => {
      const drops = ["a", "b", "c", "d"];
      const drip = () => (drops.length > 0 ? (outgoing.write(drops.shift()), setTimeout(drip, 150)) : outgoing.end());
      drip();
    });
    expect(Buffer.from((await ask(url, 400)).body).toString()).toBe("abcd");
  });

  test.for([
    ["never begins", () => {}],
    ["stops in the middle", (_: IncomingMessage, outgoing: ServerResponse) => void outgoing.write("half")],
  ] as const)("that %s is given up", async ([, answer]) => {
    await expect(ask(await listen(answer), 100)).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("that breaks off is none", async () => {
    const url = await listen((_, outgoing) => {
      outgoing.writeHead(200, { "content-length": 10 });
      outgoing.write("half", () => outgoing.destroy());
    });
    await expect(ask(url, 1_000)).rejects.toThrow("terminated");
  });

  test("that sends us elsewhere is not followed", async () => {
    const url = await listen(({ url: path }, outgoing) =>
      outgoing.writeHead(path === "/login" ? 200 : 302, { location: "/login" }).end(),
    );
    expect((await ask(url, 1_000)).status).toBe(302);
  });

  test("is not waited for when nobody wants it any more", async () => {
    const stop = new AbortController();
    const asking = ask(await listen(() => stop.abort(new Error("no longer"))), 60_000, stop.signal);
    await expect(asking).rejects.toThrow("no longer");
  });
});

const answerOf = (status: number, headers: Record<string, string>, text: string): Answer => ({
  status,
  headers: new Headers(headers),
  body: Buffer.from(text),
});
const html = { "content-type": "text/html; charset=utf-8" };
const xml = { "content-type": "application/xml" };
const json = { "content-type": "application/json" };
const etag = { etag: '"e"' };
const page = "<!DOCTYPE html><html><body>Please log in.</body></html>";

test.for<[what: string, method: string, query: string, answer: Answer, fromStore: boolean]>([
  ["an object", "GET", "", answerOf(200, { ...etag, "content-type": "application/json" }, "{}"), true],
  ["an object that is a page itself", "GET", "", answerOf(200, { ...html, ...etag }, page), true],
  ["a page instead of an object", "GET", "", answerOf(200, html, page), false],
  ["a page without a doctype", "GET", "", answerOf(200, html, "\n <html><head>"), false],
  [
    "a page that calls itself XML",
    "GET",
    "",
    answerOf(200, { "content-type": "application/xhtml+xml" }, '<?xml version="1.0"?><!DOCTYPE html><html>'),
    false,
  ],
  ["a page that says not found", "GET", "", answerOf(404, html, page), false],
  ["a page that says forbidden", "PUT", "", answerOf(403, html, page), false],
  [
    "the store's own not found",
    "GET",
    "",
    answerOf(404, xml, "<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"),
    true,
  ],
  [
    "the store's XML under the wrong name",
    "GET",
    "?list-type=2",
    answerOf(200, html, '<?xml version="1.0"?>\n<ListBucketResult>'),
    true,
  ],
  ["some gateway's JSON instead of an object", "GET", "", answerOf(200, json, '{"message": "hello"}'), false],
  ["some gateway's JSON instead of a listing", "GET", "?list-type=2", answerOf(200, json, "{}"), false],
  ["nothing instead of a listing", "GET", "?list-type=2", answerOf(200, {}, ""), false],
  ["the head of an object", "HEAD", "", answerOf(200, etag, ""), true],
  ["the head of somebody's page", "HEAD", "", answerOf(200, html, ""), false],
  ["a part of an object", "GET", "", answerOf(206, { ...etag, "content-type": "text/html" }, "x"), true],
  ["a listing", "GET", "?list-type=2", answerOf(200, xml, "<ListBucketResult/>"), true],
  ["a stored object", "PUT", "?x-id=PutObject", answerOf(200, { ...html, ...etag }, ""), true],
  ["a PUT that nothing confirms", "PUT", "?x-id=PutObject", answerOf(200, {}, ""), false],
  ["a PUT answered by a page", "PUT", "", answerOf(200, html, page), false],
  ["a copy", "PUT", "", answerOf(200, xml, "<CopyObjectResult/>"), true],
  ["a PUT of something else than an object", "PUT", "?tagging", answerOf(200, {}, ""), true],
  ["a deletion", "DELETE", "", answerOf(204, html, ""), true],
  ["a HEAD", "HEAD", "", answerOf(404, html, ""), true],
])("%s: from the store itself is $4", ([, method, query, answer, fromStore]) => {
  expect(isFromStore({ method, url: new URL(`http://h/b/k${query}`) }, answer)).toBe(fromStore);
});

test.for([
  [200, false],
  [403, false],
  [404, false],
  [412, false],
  [429, true],
  [500, true],
  [501, false],
  [502, true],
  [503, true],
  [504, true],
] as const)("%i may be otherwise later: %s", ([status, away]) => {
  expect(isAway({ method: "GET", url: new URL("http://h/b/k") }, answerOf(status, { ...xml, ...etag }, ""))).toBe(away);
});

test.for<[string, Answer | Error, string]>([
  ["a status", answerOf(503, xml, ""), "it answered 503"],
  ["a page", answerOf(200, html, page), "a web page (200) came instead of the store's answer"],
  ["silence", new DOMException("x", "TimeoutError"), "it did not answer in time"],
  ["a broken socket", new TypeError("terminated"), "the connection broke off"],
  [
    "what was put into words already",
    Object.assign(new Error("h refused the connection"), { name: "NetworkError" }),
    "h refused the connection",
  ],
])("%s is told in words for a user", ([, outcome, words]) => {
  expect(reasonOf(outcome)).toBe(words);
});
