/** A port of this machine that leads to one of a node. */
import { createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Exit, failure } from "../errors.ts";
import type { Tunnel } from "../world.ts";

/** Listens on 127.0.0.1 alone. @throws HailstackError (2) when the port is taken */
export async function openTunnel(port: number, way: () => Promise<Duplex>): Promise<Tunnel> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    way().then(
      (far) => join(socket, far),
      // The browser shows that the page cannot be had; the next try opens the connection anew.
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(taken(port, cause)));
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function join(near: Socket, far: Duplex): void {
  near.pipe(far).pipe(near);
  near.once("close", () => far.destroy());
  far.once("close", () => near.destroy());
}

const taken = (port: number, cause: unknown) =>
  failure(
    Exit.usage,
    "port-taken",
    `port ${port} of 127.0.0.1 cannot be listened on`,
    "name another with --port, or leave it out",
    {
      cause,
    },
  );
