import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { Agent } from "node:https";
import { connect } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makePair } from "../support/certificates.ts";
import { ask, basic, type Answer } from "./client.ts";
import {
  frontFiles,
  layFront,
  login,
  nginx,
  password,
  removeFront,
  startFront,
  testFront,
  workerAddress,
} from "./front.ts";
import type { Front, Service } from "./front.ts";
import { standIns, type StandIns } from "./stand-ins.ts";

describe.skipIf(!nginx)("nginx takes the files", () => {
  test.for([
    { workers: 1, monitoring: "netdata" },
    { workers: 2, monitoring: "none" },
    { workers: 1000, monitoring: "netdata" },
  ])("of $workers workers with monitoring $monitoring", async ({ workers, monitoring }) => {
    const files = frontFiles(workers, { "cluster.monitoring": monitoring });
    const front = await layFront(files);
    const { ok, said, seconds } = testFront(front);
    removeFront(front);

    expect([ok, said]).toEqual([true, ""]);
    // Some 0.1 s; what grows with the workers is one map.
    expect(seconds).toBeLessThan(3);
    expect(files["/etc/nginx/sites-enabled/hailstack"]?.includes("/netdata/")).toBe(monitoring === "netdata");
  });
});

test.skipIf(!nginx)(
  "the operator's own certificate is shown with its chain, and browsers are told to insist on it",
  async () => {
    const [authority, names] = [makePair({ names: "DNS:authority" }), "DNS:hail.example.org"];
    const { certificate, key } = makePair({ by: authority, names });
    const chain = `${certificate.trim()}\n${authority.certificate.trim()}`;
    const front = await layFront(frontFiles(1, {}, { certificate: { chain, key: key.trim(), names: [] } }));
    const running = await startFront(front);
    const socket = connect({ port: front.ports.https, ca: authority.certificate, servername: "hail.example.org" });
    await once(socket, "secureConnect");
    const shown = socket.getPeerX509Certificate()?.fingerprint256;
    socket.destroy();
    const { headers } = await ask(front.ports.https, "/", { password });
    await running.stop();
    removeFront(front);

    expect(shown).toBe(new X509Certificate(certificate).fingerprint256);
    expect(headers["strict-transport-security"]).toBe("max-age=86400");
  },
);

describe.skipIf(!nginx)("the web front", () => {
  let front: Front;
  let running: { stop(): Promise<void> };
  let behind: StandIns;
  const cookie = `hailstack_session=${login.session}`;
  /** As a browser that has logged in. */
  const get = (path: string, more: Parameters<typeof ask>[2] = {}): Promise<Answer> =>
    ask(front.ports.https, path, { password, ...more, headers: { cookie, ...more.headers } });
  const last = () => behind.asked.at(-1);

  beforeAll(async () => {
    front = await layFront(frontFiles(2));
    running = await startFront(front);
    behind = await standIns(front, [workerAddress(1), workerAddress(2)]);
  });
  afterAll(async () => {
    await running.stop();
    await behind.close();
    removeFront(front);
  });
  beforeEach(() => {
    behind.asked.length = 0;
    behind.pages.clear();
  });

  test("port 80 does nothing but lead to HTTPS, with method and path", async () => {
    const answer = await new Promise<{ status: number; location: string; server: string }>((resolve, reject) => {
      const { ports } = front;
      const sent = request(
        { host: "127.0.0.1", port: ports.http, path: "/yarn/x?y=%20", method: "POST" },
        (response) => {
          const { location = "" } = response.headers;
          response.resume();
          resolve({ status: response.statusCode ?? 0, location, server: String(response.headers["server"]) });
        },
      );
      sent.once("error", reject).end();
    });
    expect(answer).toEqual({ status: 308, location: "https://127.0.0.1/yarn/x?y=%20", server: "nginx" });
  });

  test.for([
    "/",
    "/ready.json",
    "/jupyter/",
    "/spark/",
    "/yarn/cluster",
    "/hdfs/x",
    "/nm01/node",
    "/netdata/",
    "/proxy/a",
  ])("%s asks for the password, says nothing before and reaches no service", async (path) => {
    const answer = await ask(front.ports.https, path);
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe('Basic realm="hailstack", charset="UTF-8"');
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(answer.body).not.toMatch(/nginx\/|c1/);
    expect(behind.asked).toEqual([]);
  });

  test("what is answered before the password is looked at hands out no cookie", async () => {
    for (const path of [
      "/yarn",
      "/yarn/",
      "/hdfs",
      "/proxy",
      "/jupyter",
      "/spark",
      "/sparkhist",
      "/mapreduce",
      "/netdata",
      "/nm01",
      "/nowhere",
      "/favicon.ico",
      "/node/c1-worker-01:8042/",
      "/yarn/x",
    ]) {
      const { headers } = await ask(front.ports.https, path, { password: "wrong", from: "127.0.0.9" });
      expect([path, headers["set-cookie"]]).toEqual([path, undefined]);
    }
  });

  test("the start page names cluster, bundle, nodes and pages, and brings the cookie", async () => {
    const { status, body, headers } = await ask(front.ports.https, "/", { password });
    expect(status).toBe(200);
    expect(body).toContain("<h1>c1</h1>");
    for (const link of ["/jupyter/", "/spark/", "/hdfs/", "/netdata/", "/nm02/", "/dn01/"])
      expect(body).toContain(`href="${link}"`);
    expect(headers["set-cookie"]).toEqual([`${cookie}; Path=/; Secure; HttpOnly; SameSite=Lax`]);
    expect((await get("/")).headers["set-cookie"]).toBeUndefined();
    expect((await get("/ready.json")).body).toBe('{"state":"forming"}');
  });

  test("every answer has the headers, none a version, and no HSTS with a certificate that signs itself", async () => {
    for (const path of ["/", "/yarn/cluster", "/jupyter/lab", "/yarn", "/nowhere"]) {
      const { headers } = await get(path);
      expect(headers).toMatchObject({
        server: "nginx",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "content-security-policy": "frame-ancestors 'self'",
      });
      expect(headers["strict-transport-security"]).toBeUndefined();
      expect(headers["x-powered-by"]).toBeUndefined();
    }
  });

  test("Netdata's page is kept from telling its makers of the cluster", async () => {
    const { headers } = await get("/netdata/");
    expect(headers["content-security-policy"]).toBe("frame-ancestors 'self', connect-src 'self'");
  });

  const ways: [path: string, service: Service, at: string, url: string][] = [
    ["/jupyter/lab?x=1", "jupyter", "127.0.0.1", "/jupyter/lab?x=1"],
    ["/spark/json/", "spark", "127.0.0.1", "/json/"],
    ["/sparkhist/api/v1", "sparkhist", "127.0.0.1", "/api/v1"],
    ["/yarn/cluster/app/a%20b?c=%2F", "yarn", "127.0.0.1", "/cluster/app/a%20b?c=%2F"],
    ["/proxy/application_1/", "yarn", "127.0.0.1", "/proxy/application_1/"],
    ["/mapreduce/jobhistory", "mapreduce", "127.0.0.1", "/jobhistory"],
    ["/hdfs/webhdfs/v1/a?op=OPEN", "hdfs", "127.0.0.1", "/webhdfs/v1/a?op=OPEN"],
    ["/nm02/node/a%20b?c=d%20e", "nm", workerAddress(2), "/node/a%20b?c=d%20e"],
    ["/dn01/webhdfs/v1/a%20b%25?op=OPEN", "dn", workerAddress(1), "/webhdfs/v1/a%20b%25?op=OPEN"],
    ["/netdata/api/v1/info", "netdata", "127.0.0.1", "/api/v1/info"],
  ];
  test.for(ways)(
    "%s goes to %s, told who asks and never the password or our cookie",
    async ([path, service, at, url]) => {
      const forged = { "x-forwarded-for": "10.0.0.1", "x-forwarded-context": "/evil", "x-forwarded-proto": "http" };
      const { status } = await get(path, { headers: { cookie: `a=b; ${cookie}; c=d`, ...forged } });
      expect(status).toBe(200);
      const { headers = {}, ...asked } = last() ?? {};
      expect(asked).toEqual({ service, at, method: "GET", url, body: "" });
      expect(headers).toMatchObject({
        host: `127.0.0.1:${front.ports.https}`,
        "x-real-ip": "127.0.0.1",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "https",
      });
      expect(headers.authorization).toBeUndefined();
      expect(headers.cookie).toBe(service === "jupyter" ? "a=b; c=d" : undefined);
      expect(headers["x-forwarded-context"]).toBe(service === "sparkhist" ? "/sparkhist" : undefined);
      expect(JSON.stringify(headers)).not.toContain(login.session);
    },
  );

  test("no worker of that number, no page", async () => {
    expect((await get("/nm03/node")).status).toBe(404);
    expect((await get("/node/c1-worker-01:22/")).status).toBe(404);
    expect((await get("/node/elsewhere:8042/")).status).toBe(404);
    expect(behind.asked).toEqual([]);
  });

  test.for(["POST", "PUT", "DELETE"])("%s is for Jupyter and Spark alone", async (method) => {
    for (const path of [
      "/yarn/ws/v1/cluster/apps",
      "/proxy/a",
      "/hdfs/webhdfs/v1/a?op=DELETE",
      "/mapreduce/a",
      "/nm01/a",
      "/dn01/a",
      "/sparkhist/a",
      "/netdata/a",
    ]) {
      expect([path, (await get(path, { method })).status]).toEqual([path, 403]);
    }
    expect(behind.asked).toEqual([]);
    const sized = { "content-length": "4" };
    await get("/jupyter/api/contents/a", { method, body: "text", headers: sized });
    expect(last()).toMatchObject({ service: "jupyter", method, body: "text" });
  });

  test("another site's page may lead here, and nothing else", async () => {
    const from = (site: string, mode: string, method = "GET") =>
      get("/spark/app/kill/", { method, headers: { "sec-fetch-site": site, "sec-fetch-mode": mode } });
    expect((await from("cross-site", "navigate")).status).toBe(200);
    expect((await from("same-origin", "navigate", "POST")).status).toBe(200);
    expect((await from("cross-site", "navigate", "POST")).status).toBe(403);
    expect((await from("cross-site", "no-cors")).status).toBe(403);
    expect((await from("same-site", "cors")).status).toBe(403);
  });

  test("WebSockets are Jupyter's, which asks for its own login behind them", async () => {
    const upgrade = { upgrade: "websocket", connection: "upgrade" };
    for (const path of [
      "/jupyter/api/kernels/1/channels?session_id=2",
      "/jupyter/terminals/websocket/1",
      "/jupyter/api/events/subscribe",
    ]) {
      const { status } = await ask(front.ports.https, path, { headers: upgrade });
      expect([path, status]).toEqual([path, 101]);
      expect(last()?.headers).toMatchObject(upgrade);
      expect((await ask(front.ports.https, path)).status).toBe(401);
    }
    expect((await ask(front.ports.https, "/jupyter/x", { headers: upgrade })).status).toBe(401);
    for (const path of ["/spark/", "/yarn/x", "/netdata/x"]) {
      expect((await get(path, { headers: upgrade })).status).toBe(200);
      expect(last()?.headers.upgrade).toBeUndefined();
    }
  });

  type Redirect = [from: Service, path: string, location: string, seen: string];
  const redirects: Redirect[] = [
    ["spark", "/spark/a", "/b?c", "/spark/b?c"],
    ["spark", "/spark/a", "/spark/proxy/b", "/spark/proxy/b"],
    ["sparkhist", "/sparkhist/a", "https://HOST/history/b/", "/sparkhist/history/b/"],
    ["yarn", "/yarn/a", "https://HOST/cluster/b", "/yarn/cluster/b"],
    ["yarn", "/yarn/a", "https://HOST/yarn/cluster/b", "https://HOST/yarn/cluster/b"],
    ["yarn", "/yarn/a", "http://c1-worker-02:8042/node/c?d", "/nm02/node/c?d"],
    ["yarn", "/yarn/a", "http://c1-master:19888/jobhistory/b", "/mapreduce/jobhistory/b"],
    ["yarn", "/proxy/a", "http://c1-master:19888/jobhistory/b", "/mapreduce/jobhistory/b"],
    ["mapreduce", "/mapreduce/a", "/jobhistory", "/mapreduce/jobhistory"],
    ["nm", "/nm01/a", "/node", "/nm01/node"],
    ["nm", "/nm01/a", "http://c1-worker-01:8042/node/b", "/nm01/node/b"],
    [
      "hdfs",
      "/hdfs/a",
      "http://c1-worker-01:9864/webhdfs/v1/b?op=OPEN&offset=0",
      "/dn01/webhdfs/v1/b?op=OPEN&offset=0",
    ],
    ["hdfs", "/hdfs/a", "/index.html", "/hdfs/index.html"],
    ["dn", "/dn01/a", "/datanode.html", "/dn01/datanode.html"],
  ];
  test.for(redirects)("%s leading from %s to %s leads to %s", async ([service, path, location, seen]) => {
    const here = (url: string) => url.replace("HOST", `127.0.0.1:${front.ports.https}`);
    behind.pages.set(`${service} ${path === "/proxy/a" ? path : "/a"}`, {
      status: 302,
      headers: { location: here(location) },
    });
    expect((await get(path)).headers["location"]).toBe(here(seen));
  });

  const links: [service: Service, path: string, text: string, seen: string][] = [
    ["yarn", "/yarn/a", `<a href="/conf"> <a href="/yarn/cluster">`, `<a href="/yarn/conf"> <a href="/yarn/cluster">`],
    [
      "yarn",
      "/yarn/a",
      `["<a href='//c1-worker-02:8042'>c1-worker-02:8042</a>"]`,
      `["<a href='/node/c1-worker-02:8042'>c1-worker-02:8042</a>"]`,
    ],
    ["yarn", "/yarn/a", `<a href='http://c1-master:8088/proxy/b/'>`, `<a href='/yarn/proxy/b/'>`],
    ["nm", "/nm02/a", `<a href="/logs/">`, `<a href="/nm02/logs/">`],
    ["hdfs", "/hdfs/a", `<script src="/static/x.js">`, `<script src="/hdfs/static/x.js">`],
    ["hdfs", "/hdfs/a", `var url = '/webhdfs/v1' + p`, `var url = '/hdfs/webhdfs/v1' + p`],
    ["spark", "/spark/a", `<a href="/conf">`, `<a href="/conf">`],
  ];
  test.for(links)("a page of %s at %s with %s shows %s", async ([service, path, text, seen]) => {
    behind.pages.set(`${service} /a`, { body: text });
    expect((await get(path)).body).toBe(seen);
  });

  test("links between nodes end at the node's prefix, as they were written", async () => {
    const { status, headers } = await get("/node/c1-worker-02:8042/node/a%20b%0d%0ax?y=%26");
    expect([status, headers["location"]]).toEqual([302, "/nm02/node/a%20b%0d%0ax?y=%26"]);
    expect((await get("/node/c1-worker-01:9864/")).headers["location"]).toBe("/dn01/");
  });

  test("a service that is down is told from one that is not there", async () => {
    const gone = await layFront(frontFiles(1));
    const alone = await startFront(gone);
    const answer = await ask(gone.ports.https, "/yarn/cluster", { password });
    await alone.stop();
    removeFront(gone);
    expect(answer.status).toBe(502);
    expect(answer.body).toContain("does not answer yet");
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  });

  test("Jupyter by itself: its own page by TLS, without our password; plain HTTP is led there; logins are counted", async () => {
    const { status } = await ask(front.ports.exposed, "/jupyter/lab");
    expect(status).toBe(200);
    expect(last()).toMatchObject({ service: "jupyter", url: "/jupyter/lab" });
    const tries = await Promise.all(
      Array.from({ length: 30 }, () =>
        ask(front.ports.exposed, "/jupyter/login", { method: "POST", from: "127.0.0.7" }),
      ),
    );
    expect(tries.filter((answer) => answer.status === 200)).toHaveLength(5);
    expect(new Set(tries.map((answer) => answer.status))).toEqual(new Set([200, 429]));
  });

  test("of a thousand wrong passwords a handful is looked at, while others log in and go on working", async () => {
    const attacker = "127.0.0.2";
    const before = front.errorLog().length;
    const begun = performance.now();
    // Someone of the same address was there before.
    const first = await ask(front.ports.https, "/yarn/cluster", { password, from: attacker });
    expect(first.status).toBe(200);
    const answers: number[] = [];
    const other: number[] = [];
    const same: number[] = [];
    await Promise.all(
      Array.from({ length: 40 }, async (_, lane) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        for (let nth = 0; nth < 25; nth += 1) {
          const wrong = { password: `guess ${lane}-${nth}`, from: attacker, agent };
          answers.push((await ask(front.ports.https, "/yarn/cluster", wrong)).status);
          if (nth !== 12 || lane >= 5) continue;
          other.push((await ask(front.ports.https, "/", { password, from: `127.0.0.${20 + lane}` })).status);
          same.push((await get("/yarn/cluster", { from: attacker })).status);
        }
        agent.destroy();
      }),
    );
    const minutes = (performance.now() - begun) / 60_000;
    const looked =
      front
        .errorLog()
        .slice(before)
        .match(/password mismatch/g) ?? [];
    expect(answers).toHaveLength(1000);
    expect(looked.length).toBeLessThanOrEqual(Math.ceil(minutes) * 10);
    expect(answers.filter((status) => status === 401)).toHaveLength(looked.length);
    expect(answers.filter((status) => status === 429)).toHaveLength(1000 - looked.length);
    expect([...other, ...same]).toEqual(Array(10).fill(200));
  }, 120_000);

  test("a wrong cookie spares nobody", async () => {
    const tries = await Promise.all(
      Array.from({ length: 30 }, (_, nth) =>
        ask(front.ports.https, "/", {
          password: `guess ${nth}`,
          from: "127.0.0.6",
          headers: { cookie: "hailstack_session=x" },
        }),
      ),
    );
    expect(tries.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(10);
    expect(tries.find(({ status }) => status === 429)?.headers["retry-after"]).toBe("60");
  });

  test("no password, and nothing made of one, is in what nginx logs", () => {
    const log = front.errorLog();
    for (const secret of [password, basic("hailstack", password), login.session, "guess"])
      expect(log).not.toContain(secret);
  });
});
