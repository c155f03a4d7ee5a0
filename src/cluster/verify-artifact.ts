/** Whether an artefact can be had, and is what its checksum says. Goes the way of a bake: one place after another. */
import { type Artifact, artifactUrls } from "../config/artifacts.ts";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { Digest, World } from "../world.ts";

export type Verified = {
  readonly artifact: Artifact;
  /** `maven`: only Maven has it, which is not asked. `away`: it can be had nowhere. */
  readonly state: "right" | "wrong" | "maven" | "away";
  /** Where the answer came from; with its user and password. */
  readonly url?: string;
  readonly digest?: Digest;
  /** Why other places before that gave nothing. */
  readonly troubles: readonly Problem[];
};

export type VerifyOptions = {
  /** URL; blank for none. */
  mirror: string;
  caFile?: string;
  /** Called as bytes come: so many, and of how many where that is known. */
  received?: (bytes: number, total: number | undefined) => void;
};

/**
 * The first place that has the file is the one that counts, right or wrong, as it is to a bake.
 * @throws HailstackError (2) when this machine's own proxy or authority is no use
 */
export async function verifyArtifact(
  world: Pick<World, "fetchDigest">,
  artifact: Artifact,
  { mirror, ...options }: VerifyOptions,
): Promise<Verified> {
  const troubles: Problem[] = [];
  for (const url of artifactUrls(artifact, mirror)) {
    try {
      const digest = await world.fetchDigest(url, { ...options, algorithm: artifact.algorithm });
      return { artifact, state: digest.hash === artifact.hash ? "right" : "wrong", url, digest, troubles };
    } catch (error) {
      if (!(error instanceof HailstackError) || error.exitCode !== Exit.failed) throw error;
      troubles.push(...error.problems);
    }
  }
  return { artifact, state: artifact.maven === undefined ? "away" : "maven", troubles };
}
