/** A way to the S3 server that notes how long each request took. */
import { createServer, request } from "node:http";
import { performance } from "node:perf_hooks";

export type S3Request = { method: string; path: string; copy: boolean; bytes: number; ms: number };

/** Listens on a free port of 127.0.0.1. */
export async function startS3Meter(target: string) {
  const requests: S3Request[] = [];
  const server = createServer((incoming, outgoing) => {
    const started = performance.now();
    const { method = "", url = "", headers } = incoming;
    const onward = request(new URL(url, target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.once("end", () =>
        requests.push({
          method,
          path: decodeURIComponent(url.split("?")[0] ?? ""),
          copy: headers["x-amz-copy-source"] !== undefined,
          bytes: Number(headers["content-length"] ?? 0),
          ms: performance.now() - started,
        }),
      );
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Those that write a checkpoint. */
export const checkpointWrites = (requests: readonly S3Request[]): S3Request[] =>
  requests.filter(({ method, path, copy }) => method === "PUT" && !copy && /\/\.pulumi\/stacks\/.*\.json$/.test(path));
