/** Bundles: versions that were chosen to fit together. Ours, and those a site adds in a file of its own. */
import { dirname } from "node:path";
import * as z from "zod/mini";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { World } from "../world.ts";
import { artifactFaults } from "./artifact-lists.ts";
import { type Artifact, artifactId, artifactOf, artifactTable, version } from "./artifacts.ts";
import { dotted, type Fault, inOrder } from "./faults.ts";
import { checkedBy } from "./fields.ts";
import { issueFaults } from "./issues.ts";
import { bundleId, formRule } from "./rules.ts";
import { parseToml, type TomlFile } from "./toml.ts";
import { isTable } from "./toml-types.ts";

export type Bundle = {
  readonly id: string;
  readonly hail: string;
  readonly spark: string;
  readonly hadoop: string;
  /** Major version of the JDK. */
  readonly java: string;
  readonly python: string;
  readonly scala: string;
  /** Release of the gnomAD data that the bundle is named after; not a version of any package. */
  readonly gnomad: string;
  /** Version of the PyPI package `gnomad` to install. */
  readonly gnomad_package: string;
  readonly status: "latest" | "supported" | "deprecated";
  /** File of the Python lock that its environment is made from. */
  readonly lock: string;
  /** Folder of the site's file that names the bundle, where its lock is too; absent for hailstack's own. */
  readonly lock_folder?: string;
  /** What its bake downloads beside packages; one of each name. */
  readonly artifacts: readonly Artifact[];
};

export type Bundles = {
  /** In the order of their ids. */
  readonly all: readonly Bundle[];
  /** The id that a blank one means. */
  readonly default: string;
};

/** The newest that fits Hail 0.2.136 and 0.2.137; for a site's bundle that names none, as the contract's key is not it. */
const gnomadPackage = "0.9.1";

const lockFile = formRule({
  slug: "bundle-lock",
  wanted: "the name of a lock file, such as site-1.txt: letters, digits and ._+-, ending with .txt",
  pattern: /^[A-Za-z0-9][A-Za-z0-9._+-]*\.txt$/,
  allowed: /^[A-Za-z0-9._+-]$/,
  max: 160,
});

const versionText = () => z.string().check(checkedBy(version, "not blank"));

const bundleTable = z.strictObject({
  hail: versionText(),
  spark: versionText(),
  hadoop: versionText(),
  java: versionText(),
  python: versionText(),
  scala: versionText(),
  gnomad: versionText(),
  gnomad_package: z._default(versionText(), gnomadPackage),
  status: z.enum(["latest", "supported", "deprecated"]),
  lock: z.optional(z.string().check(checkedBy(lockFile, "not blank"))),
  artifacts: z._default(z.array(z.string().check(checkedBy(artifactId, "not blank"))), []),
});
const bundlesSchema = z.strictObject({
  default: z.optional(z.strictObject({ bundle: z.string().check(checkedBy(bundleId, "not blank")) })),
  bundle: z._default(z.record(z.string(), bundleTable), {}),
  artifact: z._default(z.record(z.string(), artifactTable), {}),
});

/**
 * hailstack's own bundles, with those of `site` over them: a site's bundle or artefact wins over ours of the same id,
 * and so does its default.
 * @throws HailstackError (2) with everything that is wrong in the files
 */
export async function readBundles(world: Pick<World, "files" | "asset">, site?: string): Promise<Bundles> {
  const own = await readMatrix("bundles.toml", await world.asset("bundles.toml"), new Map());
  const added =
    site === undefined ? undefined : await readMatrix(site, await world.files.readText(site), own.artifacts);
  const artifacts = new Map([...own.artifacts, ...(added?.artifacts ?? [])]);
  const all = new Map([...own.bundles, ...(added?.bundles ?? [])]);
  const chosen = added?.default ?? own.default ?? "";
  if (!all.has(chosen)) {
    const where = added?.default === undefined ? "bundles.toml" : (site ?? "bundles.toml");
    const message = `[default] bundle: ${notFound(chosen, [...all.keys()])}`;
    throw new HailstackError(Exit.usage, [{ slug: "bundle-default", message, where, fix: "name one of these ids" }]);
  }
  const bundles = [...all].map(([id, table]) => {
    const bundle = bundleOf(id, table, artifacts);
    return site !== undefined && added?.bundles.has(id) ? { ...bundle, lock_folder: dirname(site) } : bundle;
  });
  return { default: chosen, all: bundles.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

type BundleTable = z.infer<typeof bundleTable>;

function bundleOf(id: string, { lock, ...table }: BundleTable, known: ReadonlyMap<string, Artifact>): Bundle {
  const artifacts = table.artifacts.flatMap((name) => known.get(name) ?? []);
  return { id, ...table, lock: lock ?? `${id}.txt`, artifacts };
}

/** The contract's words, and what there is instead. */
export const notFound = (shown: string, ids: readonly string[]): string =>
  `Bundle '${shown}' not found. Available bundle IDs: ${ids.join(", ")}`;

export function deprecatedWarning({ id }: Bundle, bundles: Bundles): Problem {
  const message = `bundle ${id} is deprecated`;
  return { slug: "bundle-deprecated", message, fix: `plan a new cluster with ${bundles.default}` };
}

type Matrix = {
  default: string | undefined;
  bundles: ReadonlyMap<string, BundleTable>;
  artifacts: ReadonlyMap<string, Artifact>;
};

/** `known` are artefacts that the file's bundles may name beside its own. */
async function readMatrix(path: string, text: string, known: Matrix["artifacts"]): Promise<Matrix> {
  const file = await parseToml(path, text);
  const parsed = z.safeParse(bundlesSchema, file.data);
  const checked = { schema: bundlesSchema, data: file.data, substituted: () => false };
  const ruled = parsed.success ? [] : issueFaults(parsed.error.issues, checked);
  const problems = inOrder([
    ...file.faults,
    ...file.locate([...idFaults(file), ...ruled, ...artifactFaults(file.data, known)]),
  ]);
  if (problems.length > 0 || !parsed.success) throw new HailstackError(Exit.usage, problems);
  const artifacts = Object.entries(parsed.data.artifact).map(([id, table]) => [id, artifactOf(id, table)] as const);
  return {
    default: parsed.data.default?.bundle,
    bundles: new Map(Object.entries(parsed.data.bundle)),
    artifacts: new Map(artifacts),
  };
}

function idFaults({ data }: TomlFile): Fault[] {
  const { bundle } = data;
  return Object.keys(isTable(bundle) ? bundle : {}).flatMap((id): Fault[] => {
    const fault = bundleId.fault(id);
    if (fault === undefined) return [];
    const message = `${dotted(["bundle", id])} must be ${bundleId.wanted}: ${fault}`;
    return [{ path: ["bundle", id], at: "key", slug: bundleId.slug, message, fix: "rename the table" }];
  });
}
