/**
 * A way to a server on which things go wrong, one request at a time: what a test says shall happen to the next ones
 * happens, everything else passes as it is.
 */
import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

export type Fault =
  | { kind: "delay"; ms: number }
  /** The connection is reset before the server hears of the request. */
  | { kind: "reset" }
  /** Nothing ever comes. */
  | { kind: "hang" }
  /** The server does it, and its answer is lost. */
  | { kind: "lose-answer" }
  /** Half of the answer's body comes. */
  | { kind: "truncate" }
  /** A refusal in S3's own form, the server hears nothing. */
  | { kind: "refuse"; status: number; code: string; headers?: Record<string, string> }
  /** A page of somebody on the way. */
  | { kind: "html"; status: number };

export type Passed = {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Buffer;
  fault?: Fault["kind"];
};
export type Which = { method?: string; url?: RegExp };

export type FaultyProxy = {
  endpoint: string;
  /** Every request, in the order in which they came. */
  passed: Passed[];
  /** The next `times` requests that match meet this fault; all of them by default, until `heal`. */
  fail(fault: Fault, which?: Which, times?: number): void;
  heal(): void;
  stop(): Promise<void>;
};

type Planned = { fault: Fault; which: Which; left: number };

/** In front of `target`, an http URL. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const passed: Passed[] = [];
  let planned: Planned[] = [];
  const sockets = new Set<Socket>();

  function nextFault(method: string, url: string): Fault | undefined {
    const plan = planned.find(
      ({ which, left }) => left > 0 && (which.method ?? method) === method && (which.url?.test(url) ?? true),
    );
    if (plan) plan.left -= 1;
    return plan?.fault;
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "", url = "" } = incoming;
    const request = { method, url, headers: textHeaders(incoming), body: await bodyOf(incoming) };
    const fault = nextFault(method, url);
    passed.push({ ...request, ...(fault ? { fault: fault.kind } : {}) });
    await act(fault, target, request, outgoing);
  }

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.socket?.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });

  return {
    endpoint: `http://127.0.0.1:${port}`,
    passed,
    fail: (fault, which = {}, times = Infinity) => void planned.push({ fault, which, left: times }),
    heal: () => void (planned = []),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

type Request = { method: string; url: string; headers: Record<string, string>; body: Buffer };

async function act(
  fault: Fault | undefined,
  target: string,
  request: Request,
  outgoing: ServerResponse,
): Promise<void> {
  if (fault?.kind === "hang") return;
  if (fault?.kind === "reset") {
    outgoing.socket?.resetAndDestroy();
  } else if (fault?.kind === "refuse") {
    outgoing.writeHead(fault.status, { "content-type": "application/xml", ...fault.headers });
    outgoing.end(request.method === "HEAD" ? "" : `<?xml version="1.0"?><Error><Code>${fault.code}</Code></Error>`);
  } else if (fault?.kind === "html") {
    outgoing.writeHead(fault.status, { "content-type": "text/html" });
    outgoing.end("<!DOCTYPE html><html><body>Please log in.</body></html>");
  } else {
    if (fault?.kind === "delay") await new Promise((resolve) => setTimeout(resolve, fault.ms));
    await forward(fault?.kind, target, request, outgoing);
  }
}

async function forward(
  fault: Fault["kind"] | undefined,
  target: string,
  { method, url, headers, body }: Request,
  outgoing: ServerResponse,
): Promise<void> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    send(new URL(`${target}${url}`), { method, headers }, resolve)
      .on("error", reject)
      .end(body);
  });
  const text = await bodyOf(answer);
  if (fault === "lose-answer") {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  // Whole here, so its length is known, whatever form the server chose.
  const { "transfer-encoding": _, ...kept } = answer.headers;
  outgoing.writeHead(answer.statusCode ?? 502, { ...kept, "content-length": lengthOf(answer, text) });
  if (fault === "truncate") outgoing.write(text.subarray(0, text.byteLength / 2), () => outgoing.socket?.destroy());
  else outgoing.end(text);
}

/** A HEAD tells the object's length, not its body's. */
const lengthOf = (answer: IncomingMessage, text: Buffer): string | number =>
  text.byteLength > 0 ? text.byteLength : (answer.headers["content-length"] ?? 0);

async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const textHeaders = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
