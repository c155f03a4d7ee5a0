/** What a native bake of the tests' bundle reads: the same files that build-image lays on its build server. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { imageInputs, type ImageSettings } from "../../src/cluster/image-inputs.ts";
import { readBundles, type Bundle } from "../../src/config/bundles.ts";
import { openFiles } from "../../src/host/files.ts";
import { folderDigest } from "../../src/host/folder-digest.ts";
import { version } from "../../src/version.ts";
import { checkout } from "../support/checkout.ts";

export const kit = join(checkout, "packer");
const siteBundles = join(checkout, "test/bundle/bundles.toml");

/** The bundle that is baked here. */
export async function testBundle(): Promise<Bundle> {
  const asset = async (name: string) => readFileSync(join(checkout, name), "utf8");
  const bundles = await readBundles({ files: openFiles(), asset }, siteBundles);
  const bundle = bundles.all.find(({ id }) => id === bundles.default);
  if (!bundle) throw new Error(`no bundle ${bundles.default}`);
  return bundle;
}

/** What the bake reads; it takes what is not in a registry from `mirror`. */
export async function testInputs(mirror: string, loginUser = "ubuntu"): Promise<ReturnType<typeof imageInputs>> {
  const bundle = await testBundle();
  const ca = process.env["NODE_EXTRA_CA_CERTS"];
  const settings: ImageSettings = {
    loginUser,
    toolVersion: version,
    baseImageId: "debian-12-bare",
    buildId: "nodes",
    scriptsDigest: await folderDigest(kit),
    // Part of the key under which the result is kept: the same for the same data.
    builtAt: "1970-01-01T00:00:00Z",
    mirrors: { artifact_mirror: mirror, apt_mirror: "", pypi_index: "" },
    proxy: { url: "", noProxy: "" },
    lock: readFileSync(join(checkout, "test/bundle", bundle.lock), "utf8"),
    ...(ca === undefined ? {} : { ca: readFileSync(ca, "utf8") }),
  };
  return imageInputs(bundle, settings);
}
