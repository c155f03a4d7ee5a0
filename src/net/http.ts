/** The one way out: `fetch` with this machine's proxies and a private certificate authority. */
import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { Exit, failure } from "../errors.ts";
import type { Env } from "../world.ts";
import { certificateIssuer } from "./issuer.ts";
import { hasProxy, proxyFor } from "./proxy.ts";
import { NetworkError, networkTrouble } from "./trouble.ts";

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

export type FetchOptions = {
  /** Where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are read. */
  env: Env;
  /** PEM file of the only authorities to trust; by default those Node trusts. */
  cacertPath?: string | undefined;
  /** PEM file of an authority to trust beside those. */
  extraCacertPath?: string | undefined;
  /** Takes any certificate. Default false. */
  insecure?: boolean | undefined;
};

/**
 * A `fetch` that goes through the proxies of `env` and rejects with NetworkError when no answer came.
 * @throws HailstackError (2) when a proxy variable or the authority's file is no use; nothing is contacted
 */
export async function openFetch(options: FetchOptions): Promise<Fetch> {
  const way = await openWay(options);
  return async (url, init) => {
    try {
      return await way(new URL(url), init);
    } catch (error) {
      throw (await explain(error, new URL(url), options.env)) ?? error;
    }
  };
}

type Way = (url: URL, init?: RequestInit) => Promise<Response>;

async function openWay(options: FetchOptions): Promise<Way> {
  const { env, insecure = false } = options;
  for (const protocol of ["http", "https"]) proxyFor(new URL(`${protocol}://host.invalid`), env);
  const ca = await readAuthorities(options);
  if (!hasProxy(env) && ca === undefined && !insecure) return (url, init) => fetch(url, init);

  const undici = await import("./undici.ts");
  const tls = { rejectUnauthorized: !insecure, allowH2: false, ...(ca === undefined ? {} : { ca }) };
  const direct = new undici.Agent({ connect: tls });
  const proxies = new Map<string, InstanceType<typeof undici.ProxyAgent>>();
  const dispatcherFor = (url: URL): InstanceType<typeof undici.ProxyAgent> | typeof direct => {
    const proxy = proxyFor(url, env);
    if (proxy === undefined) return direct;
    const known = proxies.get(proxy.href);
    if (known !== undefined) return known;
    // The proxy itself may be known to the machine, or be signed by the site's own authority.
    const proxyTls = ca === undefined ? {} : { ca: [...rootCertificates, ...ca] };
    const opened = new undici.ProxyAgent({ uri: proxy.href, requestTls: tls, proxyTls });
    proxies.set(proxy.href, opened);
    return opened;
  };
  // Node's fetch is an older undici with types of its own; what crosses here (method, headers, body, signal) is alike.
  const through = undici.fetch as unknown as (url: URL, init: object) => Promise<Response>;
  return (url, init) => through(url, { ...init, dispatcher: dispatcherFor(url) });
}

/** Certificates in PEM; undefined for those Node trusts by itself. */
async function readAuthorities({ env, cacertPath, extraCacertPath }: FetchOptions): Promise<string[] | undefined> {
  if (cacertPath === undefined && extraCacertPath === undefined) return undefined;
  const trusted =
    cacertPath === undefined
      ? await machinesAuthorities(env)
      : [await readAuthority(cacertPath, "cacert or OS_CACERT")];
  return extraCacertPath === undefined ? trusted : [...trusted, await readAuthority(extraCacertPath, "packer.ca_file")];
}

/** A list of ours takes the place of all that Node trusts, so it begins with that. */
async function machinesAuthorities({ NODE_EXTRA_CA_CERTS: path }: Env): Promise<string[]> {
  // Of a file that is not there, Node has warned already.
  const more = path ? await readFile(path, "utf8").catch(() => "") : "";
  return more === "" ? [...rootCertificates] : [...rootCertificates, more];
}

async function readAuthority(path: string, name: string): Promise<string> {
  const fix = `name a PEM file with the authority's certificate as ${name}`;
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw failure(Exit.usage, "cacert-unreadable", `cannot read the certificate authority ${path}`, fix, { cause });
  });
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw failure(Exit.usage, "cacert-invalid", `${path} holds no PEM certificate`, fix);
}

async function explain(error: unknown, url: URL, env: Env): Promise<NetworkError | undefined> {
  const trouble = networkTrouble(error, url);
  if (trouble === undefined) return undefined;
  const proxy = proxyFor(url, env);
  if (trouble.kind.startsWith("tls-")) return networkTrouble(error, url, await certificateIssuer(url, proxy));
  const near = proxy === undefined || !beforeProxy.has(trouble.kind) ? undefined : networkTrouble(error, proxy);
  if (near === undefined) return trouble;
  const message = `no way to ${url.host} through the proxy: ${near.message}`;
  return new NetworkError("proxy", url.host, message, "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY", error);
}

/** With a proxy these happen on the way to it, for it alone is looked up and called from here. */
const beforeProxy: ReadonlySet<string> = new Set(["name-unknown", "name-server", "refused", "unreachable"]);
