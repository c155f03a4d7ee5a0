/** What a build brings to Packer and to the scripts on the build server. */
import { dirname, join, resolve } from "node:path";
import { buildProxy, type BuildProxy } from "../cluster/build-proxy.ts";
import { buildName } from "../cluster/builds.ts";
import { imageInputs } from "../cluster/image-inputs.ts";
import { version } from "../version.ts";
import type { ImageBuild, World } from "../world.ts";
import type { Build, BuildConfig } from "./build-image.ts";
import type { Surroundings } from "./build-surroundings.ts";

/** What lies on this machine, read before anything is contacted. */
export type BuildFiles = {
  /** Text of the bundle's Python lock. */
  lock: string;
  /** PEM text of a private authority. */
  ca?: string;
  proxy: BuildProxy;
  scripts: { path: string; digest: string };
};

/** Contacts nothing. @throws HailstackError (2) for a file that cannot be read, or a proxy that is none */
export async function readBuildFiles(world: World, { loaded, bundle, packer }: BuildConfig): Promise<BuildFiles> {
  const { path, env } = loaded;
  const { lock, lock_folder } = bundle;
  const proxy = buildProxy(packer, env);
  if (proxy.ignored !== undefined) {
    world.terminal.report({
      event: "note",
      message: `${proxy.ignored} is a proxy that the build server cannot use; packer.http_proxy names one that it can`,
    });
  }
  return {
    lock: await (lock_folder === undefined
      ? world.asset(join("packer/locks", lock))
      : world.files.readText(join(lock_folder, lock))),
    ...(packer.ca_file === "" ? {} : { ca: await world.files.readText(resolve(dirname(path), packer.ca_file)) }),
    proxy,
    scripts: await world.assetFolder("packer"),
  };
}

/** Glance's properties of the image; `image list` and `prune` know ours by them. */
function imageProperties({ id, bundle, site, files, started }: Build): Record<string, string> {
  const components = ["hail", "spark", "hadoop", "java", "python", "scala", "gnomad_package"] as const;
  return {
    hailstack_kind: "image",
    hailstack_bundle: bundle.id,
    hailstack_build: id,
    hailstack_base_image: site.base.id,
    hailstack_built_at: started.toISOString(),
    hailstack_tool_version: version,
    hailstack_scripts_digest: files.scripts.digest,
    ...Object.fromEntries(components.map((name) => [`hailstack_${name}_version`, bundle[name]])),
  };
}

/** How long the build server may take until it lets us in, for Packer: a slow cloud's first boot, and more. */
const sshTimeout = "30m";

export function renderBuild(build: Build, made: Surroundings): ImageBuild {
  const { id, bundle, packer, loaded, cloud, site, files, started } = build;
  const { cluster } = loaded.config;
  const inputs = imageInputs(bundle, {
    loginUser: cluster.ssh_username,
    toolVersion: version,
    baseImageId: site.base.id,
    buildId: id,
    scriptsDigest: files.scripts.digest,
    builtAt: started.toISOString(),
    mirrors: packer,
    proxy: files.proxy,
    lock: files.lock,
    ca: files.ca,
  });
  return {
    template: files.scripts.path,
    variables: {
      build_name: buildName(id),
      base_image_id: site.base.id,
      flavour_id: site.flavour.id,
      network_id: site.network.id,
      security_group_id: made.securityGroupId,
      keypair_name: buildName(id),
      floating_ip_id: made.floatingIpId,
      ssh_username: cluster.ssh_username,
      ssh_timeout: sshTimeout,
      image_properties: imageProperties(build),
    },
    cloudEnv: cloud.childEnv,
    files: Object.fromEntries(Object.entries(inputs).map(([path, { content }]) => [path, content])),
    sshPrivateKey: made.privateKey,
    logFile: build.logFile,
    // Those of the config's own URLs are among the first.
    secrets: [...loaded.secrets, ...files.proxy.secrets],
  };
}
