/** A door before a server: while it is closed, connections are refused and those there are break. */
import { connect, createServer, type Socket } from "node:net";

export type Gate = { endpoint: string; close(): Promise<void>; open(): Promise<void> };

/** Open, on a free port of 127.0.0.1. */
export async function openGate(target: string): Promise<Gate> {
  const { hostname, port: targetPort } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(Number(targetPort), hostname);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  let port = 0;
  const open = () =>
    new Promise<void>((resolve) => {
      server.listen(port, "127.0.0.1", () => resolve());
    });
  await open();
  const address = server.address();
  port = typeof address === "object" && address ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    open: async () => (server.listening ? undefined : open()),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
