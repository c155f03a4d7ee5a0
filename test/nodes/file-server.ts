/** A mirror as a site has one: files of a folder over HTTP, on loopback. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join, normalize } from "node:path";

export type FileServer = { url: string; asked: string[]; close(): Promise<void> };

/** Serves `folder` on a port of `address`; `asked` grows by the path of each request. */
export async function serveFiles(folder: string, address = "127.0.0.1"): Promise<FileServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://mirror").pathname));
    asked.push(path);
    void answer(join(folder, path), request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("the mirror has no port");
  return {
    url: `http://${address}:${bound.port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(file: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return void response.writeHead(404).end();
  response.writeHead(200, { "content-length": found.size, "content-type": "application/octet-stream" });
  if (request.method === "HEAD") return void response.end();
  createReadStream(file).pipe(response);
}
