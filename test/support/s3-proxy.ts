/** A way to the S3 server that counts what passes and can answer in its place. */
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";

export type Passed = { method: string; path: string };
export type S3Proxy = {
  endpoint: string;
  /** Every request, in the order in which they came. */
  passed: Passed[];
  /** Refuses what this says true to, in S3's own form; nothing at first. */
  refuse(match: (passed: Passed) => boolean, status: number, code: string): void;
  stop(): Promise<void>;
};

/** Listens on a free port of 127.0.0.1. */
export async function startS3Proxy(target: string): Promise<S3Proxy> {
  const passed: Passed[] = [];
  let refusal: ((one: Passed) => { status: number; code: string } | undefined) | undefined;

  function serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const one = { method: incoming.method ?? "", path: incoming.url ?? "" };
    passed.push(one);
    const refused = refusal?.(one);
    if (refused) {
      const body = `<?xml version="1.0"?><Error><Code>${refused.code}</Code><Message>refused</Message></Error>`;
      incoming.resume();
      outgoing.writeHead(refused.status, { "content-type": "application/xml" }).end(body);
      return;
    }
    const { method, headers } = incoming;
    const onward = request(new URL(one.path, target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  }

  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    passed,
    refuse(match, status, code) {
      refusal = (one) => (match(one) ? { status, code } : undefined);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
