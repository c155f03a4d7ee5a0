/** Which bundle a command works with: `--bundle`, else `cluster.bundle`, else the default of the bundles files. */
import { dirname, resolve } from "node:path";
import { HailstackError, type Problem } from "../errors.ts";
import type { Env, World } from "../world.ts";
import { type Bundle, type Bundles, deprecatedWarning, notFound, readBundles } from "./bundles.ts";
import { type Fault, quoted, valueAt } from "./faults.ts";
import { bundleId, filePath } from "./rules.ts";
import type { Table } from "./toml-data.ts";
import type { Substituted } from "./variables.ts";

export type BundleChoice = {
  readonly bundle?: Bundle;
  readonly faults: readonly Fault[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
};

export type BundleWish = {
  /** The config's path: what `cluster.bundles_file` is relative to. */
  config: string;
  /** `--bundle`. */
  option?: string | undefined;
  env: Env;
  /** The file before its variables were replaced, for messages. */
  raw: Table;
  file: Substituted;
};

const nothing: BundleChoice = { faults: [], problems: [], warnings: [] };
const field = ["cluster", "bundle"];

/** What the schema refuses already is not looked up, and not told twice. */
export async function chooseBundle(world: Pick<World, "files" | "asset">, wish: BundleWish): Promise<BundleChoice> {
  const site = siteFile(wish);
  const id = wish.option ?? valueAt(wish.file.data, field) ?? "";
  if (typeof id !== "string" || site === "invalid") return nothing;
  if (wish.option !== undefined && bundleId.fault(wish.option) !== undefined) return badOption(wish.option);
  try {
    return find(id.trim(), await readBundles(world, site?.path), wish);
  } catch (error) {
    if (!(error instanceof HailstackError)) throw error;
    return { ...nothing, problems: error.problems };
  }
}

function siteFile({ config, env, file }: BundleWish): { path: string } | "invalid" | undefined {
  const named = valueAt(file.data, ["cluster", "bundles_file"]) ?? "";
  if (typeof named !== "string" || (named.trim() !== "" && filePath.fault(named.trim()) !== undefined))
    return "invalid";
  const path = bundlesFile(config, named.trim(), env);
  return path === undefined ? undefined : { path };
}

/**
 * A site's file: `cluster.bundles_file`, else HAILSTACK_BUNDLES of `env`; undefined for none. The config's own wins, as
 * it is nearer to the cluster, and is found beside the config.
 */
export function bundlesFile(config: string, named: string, env: Env): string | undefined {
  return named === "" ? env["HAILSTACK_BUNDLES"] || undefined : resolve(dirname(config), named);
}

function find(id: string, bundles: Bundles, { option, raw }: BundleWish): BundleChoice {
  const wanted = id === "" ? bundles.default : id;
  const bundle = bundles.all.find((each) => each.id === wanted);
  if (bundle !== undefined) {
    return { ...nothing, bundle, warnings: bundle.status === "deprecated" ? [deprecatedWarning(bundle, bundles)] : [] };
  }
  if (option === undefined && bundleId.fault(id) !== undefined) return nothing;
  // What stands in the file: a variable's name, not what it holds.
  const shown = option ?? String(valueAt(raw, field)).trim();
  const message = notFound(
    shown,
    bundles.all.map((each) => each.id),
  );
  const fix = `${option === undefined ? "set cluster.bundle" : "give --bundle"} one of these ids, or leave it out to take ${bundles.default}`;
  const problem = { slug: "bundle-not-found", message, fix };
  return option === undefined
    ? { ...nothing, faults: [{ ...problem, path: field, at: "value" }] }
    : { ...nothing, problems: [problem] };
}

function badOption(option: string): BundleChoice {
  const message = `--bundle${quoted(option)} must be ${bundleId.wanted}: ${bundleId.fault(option) ?? "it is not"}`;
  return { ...nothing, problems: [{ slug: bundleId.slug, message, fix: "give --bundle an id of bundles.toml" }] };
}
