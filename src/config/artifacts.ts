/** Artefacts: the files that a bake downloads beside packages, each pinned by its checksum. */
import * as z from "zod/mini";
import { checkedBy, type Refusal } from "./fields.ts";
import { formRule, type Rule } from "./rules.ts";
import { artifactPath, homeUrl } from "./url-rules.ts";

/** What a bake asks for; a bundle has at most one of each. */
export const artifactNames = ["hadoop", "python", "jdk", "hadoop-aws", "aws-java-sdk-bundle"] as const;

export type Artifact = {
  readonly id: string;
  readonly name: (typeof artifactNames)[number];
  readonly version: string;
  /** Below the site's mirror, and below each home. */
  readonly path: string;
  /** URLs in the order they are tried; where there are none, only a mirror or Maven has the file. */
  readonly homes: readonly string[];
  /** `group:artifact:version` of a file that is fetched through Maven. */
  readonly maven?: string;
  readonly algorithm: "sha256" | "sha512";
  /** In lower-case hexadecimal digits. */
  readonly hash: string;
};

export const version = formRule({
  slug: "bundle-version",
  wanted: "a version such as 3.5.6: letters, digits and .+-, beginning with a digit",
  pattern: /^\d[A-Za-z0-9.+-]*$/,
  allowed: /^[A-Za-z0-9.+-]$/,
  max: 64,
});

export const artifactId = formRule({
  slug: "artifact-id",
  wanted: "the id of an artefact, such as hadoop-3.4.1: letters, digits and ._+-, beginning with a letter or digit",
  pattern: /^[A-Za-z0-9][A-Za-z0-9._+-]*$/,
  allowed: /^[A-Za-z0-9._+-]$/,
  max: 128,
});

const coordinates = formRule({
  slug: "artifact-maven",
  wanted: "Maven coordinates such as org.apache.hadoop:hadoop-aws:3.3.4",
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*(?::[A-Za-z0-9][A-Za-z0-9._-]*){2}$/,
  allowed: /^[A-Za-z0-9._:-]$/,
  max: 256,
});

const checksum = (digits: number): Rule =>
  formRule({
    slug: "artifact-checksum",
    wanted: `a checksum of ${digits} lower-case hexadecimal digits`,
    pattern: `^[0-9a-f]{${digits}}$`,
    allowed: /^[0-9a-f]$/,
    max: digits,
  });

const text = (rule: Rule) => z.string().check(checkedBy(rule, "not blank"));

const noChecksum: Refusal = {
  slug: "artifact-checksum",
  wanted: "given, or sha512 instead",
  fix: "add the checksum that the project publishes, as sha256 or sha512",
};
const twoChecksums: Refusal = {
  slug: "artifact-checksum",
  wanted: "left out where sha512 is given",
  fix: "keep sha256 or sha512, and delete the other",
};
const twoSources: Refusal = {
  slug: "artifact-maven",
  wanted: "left out where homes are given: a file comes from one or the other",
  fix: "delete maven, or homes",
};

/** Also where other keys are wrong, so that one run tells everything. */
const whenTable = ({ value }: { value: unknown }): boolean => typeof value === "object" && value !== null;
const rule = (path: string, params: Refusal, holds: (given: Readonly<Record<string, unknown>>) => boolean) =>
  z.refine<Readonly<Record<string, unknown>>>(holds, { path: [path], params, when: whenTable });

export const artifactTable = z
  .strictObject({
    name: z.enum(artifactNames),
    version: text(version),
    path: text(artifactPath),
    homes: z._default(z.array(text(homeUrl)), []),
    maven: z.optional(text(coordinates)),
    sha256: z.optional(text(checksum(64))),
    sha512: z.optional(text(checksum(128))),
  })
  .check(
    rule("sha256", noChecksum, ({ sha256, sha512 }) => sha256 !== undefined || sha512 !== undefined),
    rule("sha256", twoChecksums, ({ sha256, sha512 }) => sha256 === undefined || sha512 === undefined),
    rule("maven", twoSources, ({ maven, homes }) => maven === undefined || !Array.isArray(homes) || homes.length === 0),
  );

/** `given` as checked by the table's schema. */
export function artifactOf(id: string, given: z.infer<typeof artifactTable>): Artifact {
  const { sha256, sha512, maven, ...rest } = given;
  const pinned =
    sha512 === undefined
      ? { algorithm: "sha256" as const, hash: sha256 ?? "" }
      : { algorithm: "sha512" as const, hash: sha512 };
  return { id, ...rest, ...(maven === undefined ? {} : { maven }), ...pinned };
}

/** Every URL of an artefact, in the order they are tried; `mirror` may be blank. */
export function artifactUrls({ path, homes }: Pick<Artifact, "path" | "homes">, mirror: string): string[] {
  const bases = mirror === "" ? homes : [mirror, ...homes];
  return bases.map((base) => `${base.replace(/\/$/, "")}/${path}`);
}
