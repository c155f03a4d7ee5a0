/** A forward proxy on loopback: CONNECT and plain requests, for one user, with every name leading to loopback. */
import { createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";

export type Proxy = {
  /** With the right user and password. */
  url: string;
  host: string;
  /** What it was asked for: `CONNECT keystone.test:443`, `GET http://…`. */
  asked: string[];
  close(): void;
};

export async function startProxy(user: string, password: string): Promise<Proxy> {
  const asked: string[] = [];
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const server = createServer((incoming, outgoing) => {
    if (incoming.headers["proxy-authorization"] !== wanted) return void outgoing.writeHead(407).end();
    asked.push(`${incoming.method} ${incoming.url}`);
    const { port, pathname } = new URL(incoming.url ?? "");
    request({ host: "127.0.0.1", port, path: pathname, method: incoming.method }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    }).end();
  });
  server.on("connect", (incoming, client) => {
    if (incoming.headers["proxy-authorization"] !== wanted) {
      return void client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    }
    asked.push(`CONNECT ${incoming.url}`);
    const target = connect(Number(incoming.url?.split(":").at(-1)), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) socket.on("error", () => [client, target].forEach((each) => each.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const close = (): void => void (server.close(), server.closeAllConnections());
  return { host, url: `http://${user}:${encodeURIComponent(password)}@${host}`, asked, close };
}
