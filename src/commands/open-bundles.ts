/** The first step of every `bundle` command: which bundles there are here, and which is meant. */
import { dirname, resolve } from "node:path";
import { type Bundle, type Bundles, deprecatedWarning, notFound, readBundles } from "../config/bundles.ts";
import { bundlesFile } from "../config/choose-bundle.ts";
import { quoted } from "../config/faults.ts";
import { bundleId } from "../config/rules.ts";
import { Exit, failure } from "../errors.ts";
import type { World } from "../world.ts";
import { openConfig, openEnvironment } from "./open-config.ts";

export type BundleOptions = { config?: string; dotenv?: string; json?: true };

export type OpenBundles = {
  readonly bundles: Bundles;
  /** The id that the config names, else the default. */
  readonly chosen: string;
  /** URL of the site's mirror; blank for none. */
  readonly mirror: string;
  /** PEM file of the site's own authority. */
  readonly caFile?: string;
};

/** Works without a config; contacts nothing. @throws HailstackError (2) with all that is wrong in the files */
export async function openBundles(world: World, { config: path, dotenv }: BundleOptions): Promise<OpenBundles> {
  const named = dotenv === undefined ? {} : { dotenv };
  if (path === undefined) {
    const env = await openEnvironment(world, dotenv);
    const bundles = await readBundles(world, env["HAILSTACK_BUNDLES"] || undefined);
    return { bundles, chosen: bundles.default, mirror: "" };
  }
  const { config, env } = await openConfig(world, { config: path, ...named }, []);
  const { cluster, packer } = config;
  const bundles = await readBundles(world, bundlesFile(path, cluster.bundles_file, env));
  const caFile = packer?.ca_file ? { caFile: resolve(dirname(path), packer.ca_file) } : {};
  return { bundles, chosen: cluster.bundle || bundles.default, mirror: packer?.artifact_mirror ?? "", ...caFile };
}

/** The bundle of this id, with a warning when it is deprecated. @throws HailstackError (2) when there is none */
export function bundleNamed({ terminal }: World, { bundles }: OpenBundles, id: string): Bundle {
  const fault = bundleId.fault(id);
  if (fault !== undefined) {
    const message = `${quoted(id).trim() || "the argument"} must be ${bundleId.wanted}: ${fault}`;
    throw failure(Exit.usage, bundleId.slug, message, "hailstack bundle list");
  }
  const bundle = bundles.all.find((each) => each.id === id);
  if (bundle === undefined) {
    const ids = bundles.all.map((each) => each.id);
    throw failure(
      Exit.usage,
      "bundle-not-found",
      notFound(id, ids),
      `name one of these ids, or none for ${bundles.default}`,
    );
  }
  if (bundle.status === "deprecated") {
    terminal.report({ event: "warning", ...deprecatedWarning(bundle, bundles) });
  }
  return bundle;
}
