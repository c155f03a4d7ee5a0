/** By which proxy a build server goes out: the config's, else the one this machine itself is told to use. */
import { userinfoSecrets } from "../config/userinfo.ts";
import { noProxyList, proxyUrl } from "../config/url-rules.ts";
import { Exit, failure } from "../errors.ts";
import type { Env } from "../world.ts";

export type BuildProxy = {
  /** Blank for none. */
  readonly url: string;
  /** Hosts, domains and ranges, with ',' between them; blank without a proxy. */
  readonly noProxy: string;
  /** The environment's variable whose proxy leads to this machine itself, or is none that apt can use. */
  readonly ignored?: string;
  /** What must not be shown. */
  readonly secrets: readonly string[];
};

type Wanted = { readonly http_proxy: string; readonly no_proxy: string };

const none = { url: "", noProxy: "", secrets: [] };
/** The server's own services, which its checks ask. */
const itself = ["localhost", "127.0.0.1", "::1"];

/**
 * `http_proxy` and `no_proxy` of the config, else those of `env`: HTTPS_PROXY before HTTP_PROXY, upper case before
 * lower. A proxy on loopback is this machine's own, and another machine cannot reach it.
 * @throws HailstackError (2) when the variable holds no proxy's address; its value may hold a password and is not shown
 */
export function buildProxy({ http_proxy, no_proxy }: Wanted, env: Env): BuildProxy {
  if (http_proxy !== "") return withExceptions(http_proxy, no_proxy);
  const name = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].find((each) => env[each]);
  if (name === undefined) return none;
  const value = env[name] ?? "";
  const url = URL.parse(value.includes("://") ? value : `http://${value}`);
  if (url === null) throw invalid(name);
  if (isLoopback(url.hostname) || url.protocol.startsWith("socks")) return { ...none, ignored: name };
  const spelt = spell(url);
  if (proxyUrl.fault(spelt) !== undefined) throw invalid(name);
  const exceptions = no_proxy || env["NO_PROXY"] || env["no_proxy"] || "";
  return listOf(exceptions).includes("*") ? none : withExceptions(spelt, exceptions);
}

const listOf = (exceptions: string): string[] => exceptions.split(/[\s,]+/).filter((entry) => entry !== "");

function withExceptions(url: string, exceptions: string): BuildProxy {
  // What an environment has is for many programs; the form that all of them understand goes on.
  const listed = listOf(exceptions)
    .map((entry) => entry.replace(/^\*(?=\.)/, ""))
    .filter((entry) => noProxyList.fault(entry) === undefined);
  return { url, noProxy: [...new Set([...itself, ...listed])].join(","), secrets: userinfoSecrets(url) };
}

/** With every character of user and password that means something somewhere written as %XX. */
function spell({ protocol, username, password, host }: URL): string {
  const user = username === "" ? "" : `${strictly(username)}${password === "" ? "" : `:${strictly(password)}`}@`;
  return `${protocol}//${user}${host}`;
}

const strictly = (text: string): string =>
  text.replaceAll(/[^A-Za-z0-9._~%-]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);

const isLoopback = (host: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|.+\.localhost)\.?$/.test(host.toLowerCase());

const invalid = (name: string) =>
  failure(
    Exit.usage,
    "proxy-invalid",
    `${name} is not the address of an HTTP proxy that a build server could use`,
    `set ${name} to a URL such as http://proxy.example.org:3128, or set packer.http_proxy`,
  );
