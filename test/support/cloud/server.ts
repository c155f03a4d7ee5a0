/** The loopback port of a simulated cloud and its connections. */
import { type Server, createServer } from "node:http";
import type { Socket } from "node:net";
import type { Core } from "./core.ts";
import type { Faults } from "./faults.ts";
import { type Records, serve } from "./front.ts";

export type Running = Records & { origin: string; stop: () => Promise<void> };

/** Starts to listen on 127.0.0.1; `port` is any free one when it is 0. */
export async function listen(core: Core, faults: Faults, port: number): Promise<Running> {
  const records: Records = { journal: [], surprises: [] };
  const server = createServer((request, response) => {
    serve({ core, faults, records, origin }, request, response).catch((error: unknown) => {
      const name = `${request.method ?? ""} ${request.url ?? ""}`;
      records.surprises.push({ kind: "bug", request: name, detail: String(error) });
      response.writeHead(500).end();
    });
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.keepAliveTimeout = 60_000;
  const origin = await boundOrigin(server, port);
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { ...records, origin, stop };
}

function boundOrigin(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("the server has no port"));
      else resolve(`http://127.0.0.1:${address.port}`);
    });
  });
}
