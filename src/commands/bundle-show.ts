/** `hailstack bundle show`: everything that is known of one bundle. */
import { imageName } from "../cluster/plan.ts";
import { type Artifact, artifactUrls } from "../config/artifacts.ts";
import type { Bundle } from "../config/bundles.ts";
import { withoutUserinfo } from "../config/userinfo.ts";
import type { World } from "../world.ts";
import { bundleNamed, openBundles, type BundleOptions } from "./open-bundles.ts";

export async function showBundle(
  world: World,
  id: string | undefined,
  { json, ...options }: BundleOptions,
): Promise<void> {
  const open = await openBundles(world, options);
  const bundle = bundleNamed(world, open, id ?? open.chosen);
  const shown = {
    ...bundle,
    default: bundle.id === open.bundles.default,
    image: imageName(bundle.id),
    artifacts: bundle.artifacts.map((artifact) => withPlaces(artifact, open.mirror)),
  };
  world.terminal.print(json ? JSON.stringify(shown) : bundleText(world, shown));
}

type Placed = Artifact & { readonly urls: readonly string[] };
type Shown = Omit<Bundle, "artifacts"> & { default: boolean; image: string; artifacts: readonly Placed[] };

function withPlaces(artifact: Artifact, mirror: string): Placed {
  return { ...artifact, urls: artifactUrls(artifact, mirror).map(withoutUserinfo) };
}

function bundleText({ terminal }: World, { artifacts, ...bundle }: Shown): string {
  const { id, status, gnomad, gnomad_package, image, lock, hail, spark, hadoop, java, python, scala } = bundle;
  const versions = Object.entries({ hail, spark, hadoop, java, python, scala });
  const rows = [
    ["bundle", id],
    ["status", bundle.default ? `${status}, default` : status],
    ["image", image],
    ...versions,
    ["gnomad", `${gnomad} (data), ${gnomad_package} (Python package)`],
    ["lock", lock],
  ];
  const [first = [], ...rest] = rows;
  return [terminal.table(rest, first), ...artifacts.flatMap(artifactText)].join("\n");
}

function artifactText({ name, version, algorithm, hash, urls, maven }: Placed): string[] {
  const places = urls.map((url) => `  ${url}`);
  const last = maven === undefined ? [] : [`  Maven: ${maven}`];
  const nowhere = places.length + last.length === 0 ? ["  only from packer.artifact_mirror"] : [];
  return ["", `${name} ${version}`, `  ${algorithm} ${hash}`, ...places, ...last, ...nowhere];
}
