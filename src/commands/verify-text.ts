/** What `bundle verify` says of each artefact. */
import type { Verified } from "../cluster/verify-artifact.ts";
import { withoutUserinfo } from "../config/userinfo.ts";
import type { Problem } from "../errors.ts";

export const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;

/** One artefact in the answer of `--json`; nothing in it holds a password. */
export function findingOf({ artifact, state, url, digest, troubles }: Verified): Record<string, unknown> {
  const { id, name, version, algorithm, hash, maven } = artifact;
  return {
    id,
    name,
    version,
    state,
    algorithm,
    expected: hash,
    ...(digest ? { got: digest.hash, bytes: digest.bytes } : {}),
    ...(url === undefined ? {} : { url: withoutUserinfo(url) }),
    ...(maven === undefined ? {} : { maven }),
    troubles,
  };
}

/** Places that gave nothing where another did, and what cannot be checked from here. */
export function warningsOf({ artifact, state, troubles }: Verified): Problem[] {
  if (state === "away") return [];
  const { name, version, maven } = artifact;
  const message = `${name} ${version} is fetched through Maven (${maven}) by the bake, and cannot be verified from here`;
  const fix = "set packer.artifact_mirror to a mirror that has it, and pass --config";
  const unverified = { slug: "artifact-not-verified", message, fix };
  return [...troubles, ...(state === "maven" ? [unverified] : [])];
}

export function verifiedText(ids: readonly string[], found: readonly Verified[]): string {
  if (found.length === 0) return `${ids.join(", ")}: no artefacts are listed.`;
  const width = Math.max(...found.map(({ artifact }) => label(artifact).length));
  return found.flatMap((verified) => linesOf(verified, width)).join("\n");
}

const label = ({ name, version }: Verified["artifact"]): string => `${name} ${version}`;

function linesOf({ artifact, state, url = "", digest, troubles }: Verified, width: number): string[] {
  const line = (word: string, text: string): string => `${word.padEnd(4)} ${label(artifact).padEnd(width)}  ${text}`;
  const place = withoutUserinfo(url);
  switch (state) {
    case "right":
      return [line("ok", `${artifact.algorithm} as pinned, ${mebibytes(digest?.bytes ?? 0)}, ${place}`)];
    case "maven":
      return [line("-", `not verified: the bake fetches it through Maven (${artifact.maven})`)];
    case "wrong":
      return [
        line("FAIL", `wrong ${artifact.algorithm}, ${mebibytes(digest?.bytes ?? 0)}, ${place}`),
        `     expected: ${artifact.hash}`,
        `     got:      ${digest?.hash}`,
        "     fix: renew the file there; where the project itself has changed it, find out why before the pin follows",
      ];
    case "away":
      return [
        line("FAIL", troubles.length === 0 ? "there is no place to have it from" : "it can be had nowhere"),
        ...troubles.map(({ message, where }) => `     ${where ?? "?"}: ${message}`),
        "     fix: set packer.artifact_mirror to a mirror that has it, and pass --config",
      ];
  }
}
