/** Which proxy a request goes through, by the rules of Go's net/http, so that we and our children agree. */
import { BlockList, isIP } from "node:net";
import { Exit, failure } from "../errors.ts";
import type { Env } from "../world.ts";

/**
 * The proxy of `HTTP_PROXY` or `HTTPS_PROXY` (upper case first) unless `NO_PROXY` or a loopback address exempts `url`.
 * @throws HailstackError (2) when the variable is not a proxy's address; its value may hold a password and is not shown
 */
export function proxyFor(url: URL, env: Env): URL | undefined {
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const value = variable(env, name);
  if (value === undefined || bypasses(url, variable(env, "NO_PROXY") ?? "")) return undefined;
  return parseProxy(name, value);
}

/** True when the environment names any proxy at all. */
export function hasProxy(env: Env): boolean {
  return variable(env, "HTTP_PROXY") !== undefined || variable(env, "HTTPS_PROXY") !== undefined;
}

function variable(env: Env, name: string): string | undefined {
  return env[name] || env[name.toLowerCase()] || undefined;
}

function parseProxy(name: string, value: string): URL {
  const url = URL.parse(value.includes("://") ? value : `http://${value}`);
  if (url !== null && ["http:", "https:", "socks5:"].includes(url.protocol) && url.hostname !== "") return url;
  throw failure(
    Exit.usage,
    "proxy-invalid",
    `${name} is not the address of an HTTP, HTTPS or SOCKS5 proxy`,
    `set ${name} to a URL such as http://proxy.example.org:3128`,
  );
}

function bypasses(url: URL, noProxy: string): boolean {
  const host = bareHost(url.hostname);
  if (host === "localhost" || isLoopback(host)) return true;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return inRange(entry, host);
  // A port may follow a name, an IPv4 address or a bracketed IPv6 address.
  const parts = isIP(entry) === 6 ? null : /^(.+?):(\d+)$/.exec(entry);
  if (parts !== null && parts[2] !== port) return false;
  const name = bareHost(parts?.[1] ?? entry).replace(/^\*(?=\.)/, "");
  if (name.startsWith(".")) return host.endsWith(name);
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function inRange(range: string, host: string): boolean {
  const [network = "", bits = ""] = range.split("/");
  const family = isIP(host);
  if (family === 0 || family !== isIP(network) || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return list.check(host, family === 4 ? "ipv4" : "ipv6");
}

function isLoopback(host: string): boolean {
  return host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1").replace(/(.)\.$/, "$1");
}
