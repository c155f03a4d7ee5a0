/** What reaches a child of this process's environment: each gets its own choice, and never the whole. */
import type { Env } from "../world.ts";

/** These variables of `env`, there or not. */
export const pick = (env: Env, names: readonly string[]): Env =>
  Object.fromEntries(names.map((name) => [name, env[name]]));

/** As a child is started with it. */
export const definedOnly = (env: Env): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** How any program finds others and gets out to the network. */
export const waysOut = (env: Env): Env =>
  pick(env, [
    "PATH",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
  ]);
