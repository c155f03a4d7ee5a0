/** `hailstack bundle verify`: every artefact downloaded once and thrown away, each held to its checksum. */
import { type Verified, verifyArtifact } from "../cluster/verify-artifact.ts";
import type { Artifact } from "../config/artifacts.ts";
import { Exit, failure } from "../errors.ts";
import type { World } from "../world.ts";
import { bundleNamed, openBundles, type BundleOptions, type OpenBundles } from "./open-bundles.ts";
import { findingOf, mebibytes, verifiedText, warningsOf } from "./verify-text.ts";

export async function verifyBundles(
  world: World,
  id: string | undefined,
  { json, all, ...options }: BundleOptions & { all?: true },
): Promise<void> {
  if (all && id !== undefined) {
    throw failure(Exit.usage, "usage", "--all and the id of a bundle exclude each other", "leave out one of them");
  }
  const { terminal } = world;
  const open = await openBundles(world, options);
  const ids = all ? open.bundles.all.map((bundle) => bundle.id) : [id ?? open.chosen];
  const found: Verified[] = [];
  for (const artifact of artifactsOf(world, open, ids)) {
    const verified = await watch(world, artifact, open);
    for (const warning of warningsOf(verified)) terminal.report({ event: "warning", ...warning });
    found.push(verified);
  }
  const right = found.every(({ state }) => state === "right" || state === "maven");
  terminal.print(json ? JSON.stringify({ right, artifacts: found.map(findingOf) }) : verifiedText(ids, found));
  if (!right) world.setExitCode(Exit.failed);
}

/** Each once, however many bundles have it. */
function artifactsOf(world: World, open: OpenBundles, ids: readonly string[]): Artifact[] {
  const artifacts = ids.flatMap((id) => bundleNamed(world, open, id).artifacts);
  return [...new Map(artifacts.map((artifact) => [artifact.id, artifact])).values()];
}

/** At most four times a second is the progress told. */
const restMs = 250;

/** Verifies one as a stage of its own, which fails where the artefact does. */
async function watch(world: World, artifact: Artifact, open: OpenBundles): Promise<Verified> {
  let verified: Verified | undefined;
  try {
    await world.terminal.stage(`${artifact.name} ${artifact.version}`, async (detail) => {
      const startedAt = performance.now();
      let toldAt = startedAt;
      const tell = (bytes: number, total?: number): void => {
        toldAt = performance.now();
        const rate = mebibytes(bytes / Math.max(0.001, (toldAt - startedAt) / 1000));
        detail(`${mebibytes(bytes)}${total === undefined ? "" : ` of ${mebibytes(total)}`}, ${rate}/s`);
      };
      const received = (bytes: number, total: number | undefined): void => {
        if (performance.now() - toldAt >= restMs) tell(bytes, total);
      };
      verified = await verifyArtifact(world, artifact, { ...placesOf(open), received });
      if (verified.digest) tell(verified.digest.bytes);
      if (verified.state === "wrong" || verified.state === "away") throw new StageFailed();
    });
  } catch (error) {
    if (!(error instanceof StageFailed)) throw error;
  }
  if (verified === undefined) throw new Error("a stage ended without a verdict");
  return verified;
}

/** Ends a stage whose verdict is known. */
class StageFailed extends Error {}

const placesOf = ({ mirror, caFile }: OpenBundles) => (caFile === undefined ? { mirror } : { mirror, caFile });
