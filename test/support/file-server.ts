/** A web server on loopback with a few files, for what is downloaded. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type FileServer = {
  /** `http://127.0.0.1:12345/`. */
  url: string;
  /** The same with a user and password before the host. */
  urlWith(user: string): string;
  /** By path without the first '/'; another answer than the bytes where it is a function. */
  files: Map<string, Buffer | ((response: ServerResponse) => void)>;
  /** Paths that were asked for, each with the authorization that came along. */
  asked: { path: string; authorization: string | undefined }[];
  stop(): Promise<void>;
};

export async function startFileServer(): Promise<FileServer> {
  const files: FileServer["files"] = new Map();
  const asked: FileServer["asked"] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? "").slice(1);
    asked.push({ path, authorization: request.headers.authorization });
    const file = files.get(path);
    if (file === undefined) response.writeHead(404).end("no such file");
    else if (typeof file === "function") file(response);
    else response.end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    urlWith: (user) => `http://${user}@127.0.0.1:${port}/`,
    files,
    asked,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
