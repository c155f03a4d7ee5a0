/**
 * Logs in to a cluster's web front and follows every page and asset below its prefixes, from the start page on.
 *   HAILSTACK_WEB_PASSWORD=… node test/web/crawl.ts ADDRESS [NODE…]
 * NODE… are host names of the cluster's nodes, which no page may name in a link. HAILSTACK_CANARIES, separated by
 * lines, are texts that no body may hold. Status 1 where there is anything to complain of.
 */
import { leaks } from "../support/canaries.ts";
import { Agent } from "node:https";
import type { Answer } from "./client.ts";
import { linksOf, shapeOf } from "./links.ts";
import { openSession } from "./session.ts";

export type CrawlOptions = {
  host: string;
  port?: number;
  password: string;
  /** Host names of the cluster's nodes. */
  nodes?: readonly string[];
  canaries?: readonly string[];
  /** Of links that differ by numbers and values alone, so many are followed. */
  perShape?: number;
  log?: (line: string) => void;
};
export type CrawlReport = {
  /** Number of answers by prefix: `/yarn`. */
  visited: Record<string, number>;
  faults: { at: string; from: string; why: string }[];
};

type Visit = { url: string; from: string };

/** Ends what runs, or leaves the login. */
const never = /\/(?:logout|kill|shutdown)\b|[?&](?:terminate|kill)=/;
/** Hadoop's own style sheets name these, and no Hadoop has them. */
const absent = /\/static\/bootstrap-3\.4\.1\/img\/(?:loading\.gif|clear\.png)$/;
/** Characters beyond which a body is a log or a file and no page. */
const bodyLimit = 20_000_000;

export async function crawl(options: CrawlOptions): Promise<CrawlReport> {
  const { host, port = 443, password, nodes = [], canaries = [], perShape = 4, log = () => {} } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const { get, enterJupyter } = openSession(port, { host, password, agent, headers: { accept: "text/html,*/*" } });
  const report: CrawlReport = { visited: {}, faults: [] };
  const shapes = new Map<string, number>();
  const queue: Visit[] = [];
  const origin = `https://${host}${port === 443 ? "" : `:${port}`}`;

  await get("/");
  const status = await enterJupyter();
  if (status !== 302) report.faults.push({ at: "/jupyter/login", from: "", why: `the password is refused: ${status}` });
  add({ url: "/", from: "" });
  for (let visit = queue.shift(); visit; visit = queue.shift()) await look(visit);
  agent.destroy();
  return report;

  function add(visit: Visit): void {
    if (never.test(visit.url)) return;
    const shape = shapeOf(visit.url);
    const seen = shapes.get(shape) ?? 0;
    if (seen >= perShape || shapes.has(visit.url)) return;
    shapes.set(visit.url, 1);
    shapes.set(shape, seen + 1);
    queue.push(visit);
  }

  async function look({ url, from }: Visit): Promise<void> {
    const complain = (why: string) => report.faults.push({ at: url, from, why });
    const prefix = `/${url.split(/[/?]/)[1] ?? ""}`;
    report.visited[prefix] = (report.visited[prefix] ?? 0) + 1;
    let answer: Answer;
    try {
      answer = await get(url);
    } catch (error) {
      return void complain(`no answer: ${String(error)}`);
    }
    const { status, headers, body } = answer;
    log(`${status} ${url}`);
    const at = new URL(url, origin);
    for (const leak of leaks(body, canaries)) complain(`the page holds ${leak}`);
    if (status >= 301 && status <= 308 && headers["location"] !== undefined) {
      const { links, faults } = linksOf(`<a href="${String(headers["location"])}">`, "text/html", at, nodes);
      for (const fault of faults) complain(`leads to ${fault}`);
      for (const link of links) add({ url: link.url, from: url });
      return;
    }
    // The checks may not have begun.
    if (status === 404 && (url === "/ready.json" || absent.test(url))) return;
    if (status !== 200) return void complain(`status ${status}`);
    if (body.length > bodyLimit) return;
    const { links, faults } = linksOf(body, String(headers["content-type"] ?? ""), at, nodes);
    for (const fault of new Set(faults)) complain(fault);
    for (const link of links) add({ url: link.url, from: url });
  }
}

if (import.meta.main) {
  const [address = "", ...nodes] = process.argv.slice(2);
  const [host = "", port = "443"] = address.split(":");
  const { HAILSTACK_WEB_PASSWORD: password = "", HAILSTACK_CANARIES: secrets = "" } = process.env;
  const canaries = [password, ...secrets.split("\n")].filter(Boolean);
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const { visited, faults } = await crawl({ host, port: Number(port), password, nodes, canaries, log });
  for (const { at, from, why } of faults) process.stdout.write(`${at} (from ${from || "the start"}): ${why}\n`);
  process.stdout.write(`${JSON.stringify(visited)}\n${faults.length} faults\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
