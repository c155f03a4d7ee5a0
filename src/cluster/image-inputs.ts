/** What the bake's scripts read on the build server: a few files of data, the same for the same inputs. Pure. */
import { artifactUrls } from "../config/artifacts.ts";
import type { Bundle } from "../config/bundles.ts";
import type { BuildProxy } from "./build-proxy.ts";

export type ImageSettings = {
  /** Who logs in to the nodes. */
  readonly loginUser: string;
  readonly toolVersion: string;
  readonly baseImageId: string;
  readonly buildId: string;
  /** Of the scripts that will run. */
  readonly scriptsDigest: string;
  /** ISO 8601. */
  readonly builtAt: string;
  /** URLs; each may be blank. */
  readonly mirrors: { readonly artifact_mirror: string; readonly apt_mirror: string; readonly pypi_index: string };
  readonly proxy: Pick<BuildProxy, "url" | "noProxy">;
  /** Text of the bundle's lock. */
  readonly lock: string;
  /** PEM text of a private authority. */
  readonly ca?: string | undefined;
};

export type InputFile = { readonly content: string; readonly mode: number };

/**
 * By path below the folder they are put in. Those that may hold a password, of the proxy or of a mirror, are readable
 * by root alone.
 * @throws Error for a value with a quote, tab or line end, which the rules of the config and the bundles refuse
 */
export function imageInputs(bundle: Bundle, settings: ImageSettings): Readonly<Record<string, InputFile>> {
  const { mirrors, proxy, lock, ca } = settings;
  const network = {
    HTTP_PROXY_URL: proxy.url,
    NO_PROXY_HOSTS: proxy.noProxy,
    APT_MIRROR: mirrors.apt_mirror,
    PYPI_INDEX: mirrors.pypi_index,
  };
  return {
    "bundle.env": { content: envText(bundleVariables(bundle, settings)), mode: 0o644 },
    "network.env": { content: envText(network), mode: 0o600 },
    artifacts: { content: artifactLines(bundle, mirrors.artifact_mirror), mode: 0o600 },
    "requirements.lock": { content: lock, mode: 0o644 },
    ...(ca === undefined ? {} : { "ca.pem": { content: ca, mode: 0o644 } }),
  };
}

function bundleVariables(bundle: Bundle, settings: ImageSettings): Record<string, string> {
  return {
    BUNDLE_ID: bundle.id,
    HAIL_VERSION: bundle.hail,
    SPARK_VERSION: bundle.spark,
    HADOOP_VERSION: bundle.hadoop,
    JAVA_VERSION: bundle.java,
    PYTHON_VERSION: bundle.python,
    SCALA_VERSION: bundle.scala,
    GNOMAD_PACKAGE_VERSION: bundle.gnomad_package,
    LOGIN_USER: settings.loginUser,
    TOOL_VERSION: settings.toolVersion,
    BASE_IMAGE_ID: settings.baseImageId,
    BUILD_ID: settings.buildId,
    SCRIPTS_DIGEST: settings.scriptsDigest,
    BUILT_AT: settings.builtAt,
  };
}

/** Lines that a POSIX shell may source: nothing is special between single quotes but their end. */
function envText(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${plain(name, value)}'\n`);
  return lines.join("");
}

/** Name, version, algorithm, checksum, Maven coordinates or `-`, then each URL in the order they are tried. */
function artifactLines({ artifacts }: Bundle, mirror: string): string {
  const lines = artifacts.map((artifact) => {
    const { name, version, algorithm, hash, maven = "-" } = artifact;
    const fields = [name, version, algorithm, hash, maven, ...artifactUrls(artifact, mirror)];
    return `${fields.map((field) => plain(artifact.id, field)).join("\t")}\n`;
  });
  return lines.join("");
}

function plain(what: string, value: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  if (!/['\u0000-\u001f\u007f]/.test(value)) return value;
  throw new Error(`${what} holds a character that no input of a bake may hold`);
}
