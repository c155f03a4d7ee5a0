/** Stand-ins for the services behind the web front: each says what it was asked, and how. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { Front, Service } from "./front.ts";

export type Asked = {
  service: Service;
  at: string;
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
};
/** What a service answers for a path, beside 200 and an empty page. */
export type Page = { status?: number; headers?: Record<string, string>; body?: string };
export type StandIns = { asked: Asked[]; pages: Map<string, Page>; close(): Promise<void> };

/** One for each service on each of its addresses; a page is kept under `service path`. */
export async function standIns(front: Front, workers: readonly string[]): Promise<StandIns> {
  const asked: Asked[] = [];
  const pages = new Map<string, Page>();
  const servers: Server[] = [];
  const onMaster: Service[] = ["jupyter", "spark", "sparkhist", "yarn", "mapreduce", "hdfs", "netdata"];
  const places = [
    ...onMaster.map((service) => ({ service, at: "127.0.0.1" })),
    ...workers.flatMap((at) => [{ service: "nm", at } as const, { service: "dn", at } as const]),
  ];
  for (const { service, at } of places) {
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.once("end", () => {
        const { method = "", url = "", headers } = request;
        asked.push({ service, at, method, url, headers, body });
        const page = pages.get(`${service} ${url}`) ?? {};
        const type = { "content-type": "text/html", server: "Jetty(9.4.53)", "x-powered-by": "stand-in" };
        response.writeHead(page.status ?? 200, { ...type, ...page.headers }).end(page.body ?? "<p>a page");
      });
    });
    server.on("upgrade", ({ method = "", url = "", headers }, socket) => {
      asked.push({ service, at, method, url, headers, body: "" });
      socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(front.ports[service], at, resolve));
    servers.push(server);
  }
  return {
    asked,
    pages,
    async close() {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
