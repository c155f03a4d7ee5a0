/** One request as a handler sees it. */
import type { Core } from "../core.ts";
import type { ServiceName } from "./errors.ts";
import type { Json } from "./json.ts";
import type { Token } from "../state.ts";

export type Call = {
  core: Core;
  operation: string;
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** Path and query as they came, below the service's root. */
  target: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Json | undefined;
  /** Present on every route that is not open. */
  token: Token | undefined;
  /** Minor part of Nova's microversion: 52 for 2.52. */
  version: number;
  /** Root URL of a service, without a slash at its end. */
  root(service: ServiceName): string;
  /** Notes something no real client should have sent. */
  surprise(detail: string): void;
};

/** The project the call is for. Only routes that need one call this. */
export function projectOf({ token }: Call): string {
  if (token?.projectId === undefined) throw new Error("a scoped route was called without a project");
  return token.projectId;
}

export function userOf({ token }: Call): string {
  if (token === undefined) throw new Error("a route was called without a token");
  return token.userId;
}

/** The part of the path that `{name}` stands for. */
export const param = ({ params }: Call, name: string): string => params[name] ?? "";
