/** Who signed the certificate a host shows: asked only after that certificate was refused, and sends nothing to it. */
import { request } from "node:http";
import { request as requestSecurely } from "node:https";
import { isIP, type Socket } from "node:net";
import { connect, type PeerCertificate } from "node:tls";

const patienceMs = 5_000;

/** The issuer's common name, or its organisation; undefined when it cannot be told. Never throws. */
export async function certificateIssuer(url: URL, proxy: URL | undefined): Promise<string | undefined> {
  try {
    const tunnel = proxy === undefined ? undefined : await openTunnel(url, proxy);
    return await issuerOver(url, tunnel);
  } catch {
    return undefined;
  }
}

function issuerOver(url: URL, tunnel: Socket | undefined): Promise<string | undefined> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const way = tunnel === undefined ? { host, port: Number(url.port || 443) } : { socket: tunnel };
  return new Promise((resolve, reject) => {
    // The certificate is only read: nothing is sent over this connection.
    const servername = isIP(host) === 0 ? host : "";
    const socket = connect({ ...way, servername, rejectUnauthorized: false, timeout: patienceMs });
    const leave = (): void => void socket.destroy();
    socket.once("secureConnect", () => {
      resolve(nameOf(socket.getPeerCertificate().issuer));
      leave();
    });
    socket.once("timeout", () => {
      resolve(undefined);
      leave();
    });
    socket.once("error", reject);
  });
}

function openTunnel(url: URL, proxy: URL): Promise<Socket> {
  const ask = proxy.protocol === "https:" ? requestSecurely : request;
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const headers: Record<string, string> =
    user === ":" ? {} : { "proxy-authorization": `Basic ${Buffer.from(user).toString("base64")}` };
  const host = proxy.hostname.replace(/^\[(.*)\]$/, "$1");
  const path = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    const asked = ask({ host, port: proxy.port, method: "CONNECT", path, headers, timeout: patienceMs });
    asked.once("connect", (_response, socket) => resolve(socket));
    asked.once("timeout", () => asked.destroy());
    asked.once("error", reject);
    asked.end();
  });
}

/** A certificate may repeat a field; then Node gives a list, whatever its types say. */
function nameOf(issuer: PeerCertificate["issuer"] | undefined): string | undefined {
  const name: unknown = issuer?.CN ?? issuer?.O;
  const text = Array.isArray(name) ? name.join(", ") : typeof name === "string" ? name : undefined;
  // eslint-disable-next-line no-control-regex -- a stranger's certificate may hold terminal escapes
  return text?.replace(/[\u0000-\u001f\u007f-\u009f]/g, "?").slice(0, 200);
}
