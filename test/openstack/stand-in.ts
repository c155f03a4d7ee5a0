/**
 * A scripted OpenStack on loopback, for what a well-behaved one cannot be made to do: each expected call has its
 * answers, in order. A call nobody expected, and an answer nobody fetched, fail the test.
 * Answers have the shapes of https://docs.openstack.org/api-ref/ as Zed gives them.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished } from "vitest";
import { openCloud } from "../../src/openstack/cloud.ts";
import type { Wire } from "../../src/openstack/wire.ts";
import type { Cloud, CloudCredentials } from "../../src/world.ts";

export type Answer = {
  /** Default 200. */
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  text?: string;
  /** The connection dies instead of an answer. */
  hangUp?: true;
  /** No answer comes, and the connection stays. */
  hang?: true;
};

/** By `METHOD /service/path?query`. */
export type Script = Record<string, Answer[]>;

export type StandIn = {
  url: string;
  /** The calls so far, in order: `GET /compute/limits`. */
  calls: string[];
  /** Bodies and tokens of those calls. */
  bodies: unknown[];
  tokens: (string | undefined)[];
};

export async function startStandIn(script: Script): Promise<StandIn> {
  const seen: StandIn = { url: "", calls: [], bodies: [], tokens: [] };
  const unexpected: string[] = [];
  const left = new Map(Object.entries(script).map(([call, answers]) => [call, [...answers]]));
  const server = createServer(async (request, response) => {
    const call = `${request.method} ${request.url}`;
    seen.calls.push(call);
    seen.bodies.push(await bodyOf(request));
    seen.tokens.push(request.headers["x-auth-token"]?.toString());
    const answer = left.get(call)?.shift();
    if (answer === undefined) unexpected.push(call);
    give(response, answer ?? { status: 418 }, seen.url);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
    expect(unexpected, "calls nobody expected").toEqual([]);
    expect(
      [...left].filter(([, answers]) => answers.length > 0),
      "answers nobody fetched",
    ).toEqual([]);
  });
  // A server that listens on a port has an address with one.
  seen.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return seen;
}

/** Texts in answers may say BASE for the stand-in's own address. */
function give(
  response: ServerResponse,
  { status = 200, headers, json, text, hangUp, hang }: Answer,
  base: string,
): void {
  if (hangUp) return void response.destroy();
  if (hang) return;
  const body = text ?? (json === undefined ? "" : JSON.stringify(json));
  const type = { "content-type": text === undefined ? "application/json" : "text/html; charset=UTF-8" };
  response.writeHead(status, { ...type, ...headers }).end(body.replaceAll("BASE", base));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const text = (await request.toArray()).join("");
  return text === "" ? undefined : JSON.parse(text);
}

/** The clock of a test's cloud: it moves only when something sleeps, or when the test says so. */
export type TestClock = { ms: number; slept: number[] };

export const startMs = Date.parse("2026-01-01T00:00:00Z");
export const login = "POST /v3/auth/tokens";

/** Keystone's answer to a good login, valid for an hour. */
export function token(id = "token-1", more: object = {}): Answer {
  const endpoint = (path: string, region = "R1"): object => ({
    interface: "public",
    region_id: region,
    url: `BASE/${path}`,
  });
  const catalog = [
    { type: "compute", endpoints: [endpoint("compute/v2.1")] },
    { type: "image", endpoints: [endpoint("image")] },
    { type: "network", endpoints: [endpoint("network/")] },
    { type: "volumev3", endpoints: [endpoint("volume/v3/p1")] },
  ];
  return {
    status: 201,
    headers: { "x-subject-token": id, date: new Date(startMs).toUTCString() },
    json: {
      token: {
        expires_at: new Date(startMs + 3_600_000).toISOString(),
        user: { id: "u1", name: "alice", domain: { id: "d1", name: "People" } },
        project: { id: "p1", name: "genomes", domain: { id: "d1", name: "People" } },
        catalog,
        ...more,
      },
    },
  };
}

export type Opened = {
  standIn: StandIn;
  clock: TestClock;
  open: (more?: Partial<CloudCredentials>, wire?: Partial<Wire>) => Promise<Cloud>;
};

/** A stand-in and the way to log in to it as alice. */
export async function standInCloud(script: Script): Promise<Opened> {
  const standIn = await startStandIn(script);
  const clock: TestClock = { ms: startMs, slept: [] };
  const credentials: CloudCredentials = {
    source: "test",
    authUrl: `${standIn.url}/v3`,
    interface: "public",
    auth: {
      kind: "password",
      user: { name: "alice", domain: { id: "default" } },
      password: "canary-password",
      project: { name: "genomes", domain: { id: "default" } },
    },
    insecure: false,
    childEnv: {},
    secrets: ["canary-password"],
    warnings: [],
  };
  const wire = {
    now: () => clock.ms,
    random: () => 0.5,
    sleep: (ms: number) => {
      clock.slept.push(ms);
      clock.ms += ms;
      return Promise.resolve();
    },
  };
  return {
    standIn,
    clock,
    open: (more, other) => openCloud({ ...credentials, ...more }, { env: {}, wire: { ...wire, ...other } }),
  };
}
