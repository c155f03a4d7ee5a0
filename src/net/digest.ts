/** The checksum of a file elsewhere, taken while it streams by: nothing of it is kept. */
import { createHash } from "node:crypto";
import { Exit, failure, HailstackError } from "../errors.ts";
import type { Digest, DigestOptions } from "../world.ts";
import type { Fetch } from "./http.ts";
import { networkTrouble } from "./trouble.ts";

/**
 * Reads `url` to its end; a user and password in it are sent as Basic authentication.
 * @throws HailstackError (1) when it cannot be had; the message holds neither user nor password
 */
export async function fetchDigest(fetch: Fetch, url: string, options: DigestOptions): Promise<Digest> {
  const { href, headers, shown } = requestOf(url);
  try {
    const response = await fetch(href, { headers });
    await refuseOthers(response, shown);
    return await digestOf(response, options);
  } catch (error) {
    if (error instanceof HailstackError) throw error;
    const trouble = networkTrouble(error, href);
    if (trouble === undefined) throw error;
    throw new HailstackError(Exit.failed, [{ ...trouble.problem(), where: shown }], { cause: error });
  }
}

function requestOf(url: string): { href: string; headers: Record<string, string>; shown: string } {
  const parsed = new URL(url);
  const user = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
  parsed.username = "";
  parsed.password = "";
  // The file's own bytes are wanted, whatever a server could make of them.
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (user !== ":") headers["authorization"] = `Basic ${Buffer.from(user).toString("base64")}`;
  return { href: parsed.href, headers, shown: parsed.href };
}

/** @throws HailstackError (1) for anything but the file itself */
async function refuseOthers({ ok, status, headers, body }: Response, shown: string): Promise<void> {
  const encoding = headers.get("content-encoding") ?? "identity";
  if (ok && encoding === "identity") return;
  await body?.cancel();
  const where = { where: shown };
  if (!ok) {
    const fix = status === 401 || status === 403 ? "check the user and password of the mirror" : "check its address";
    throw failure(Exit.failed, "download-refused", `the server answered ${status}`, fix, where);
  }
  // fetch unpacks such an answer by itself, and what was packed is then gone.
  const message = `the server sends the file with content-encoding ${encoding}, which hides its own bytes`;
  throw failure(Exit.failed, "download-encoded", message, "switch that off on the server", where);
}

async function digestOf({ body, headers }: Response, { algorithm, received }: DigestOptions): Promise<Digest> {
  const hash = createHash(algorithm);
  const length = Number(headers.get("content-length") ?? Number.NaN);
  const total = Number.isSafeInteger(length) ? length : undefined;
  let bytes = 0;
  for await (const chunk of body ?? []) {
    hash.update(chunk);
    bytes += chunk.length;
    received?.(bytes, total);
  }
  return { hash: hash.digest("hex"), bytes };
}
