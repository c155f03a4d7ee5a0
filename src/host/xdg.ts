/** Where the XDG specification wants a program's own folders. */
import { isAbsolute, join } from "node:path";
import type { Env } from "../world.ts";

export type Kind = "cache" | "state" | "runtime";

const variables = { cache: "XDG_CACHE_HOME", state: "XDG_STATE_HOME", runtime: "XDG_RUNTIME_DIR" } as const;
const belowHome = { cache: ".cache", state: ".local/state", runtime: undefined } as const;

/**
 * Where XDG puts `kind`, there or not, usable or not; undefined without a home. For looking without making anything.
 * A relative path in an XDG variable is ignored, as the specification wants.
 */
export function xdgFolder(kind: Kind, env: Env): string | undefined {
  const own = env[variables[kind]];
  if (own !== undefined && isAbsolute(own)) return join(own, "hailstack");
  const below = belowHome[kind];
  const home = env["HOME"];
  if (below === undefined || home === undefined || !isAbsolute(home)) return undefined;
  return join(home, below, "hailstack");
}
