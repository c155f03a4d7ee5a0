/**
 * How a value is written in each kind of node file, chosen by its path. Where values stand in a template:
 * - JSON, YAML and Python: a tag is a whole literal, so no quotes around it;
 * - environments, profile.d and nginx: within quotes, unless it is a number, a name of a node or an address;
 * - everywhere else: as it is.
 */
import { environment, field, ini, nginx, pem, sparkProperty, unit, verbatim, word } from "./encode/lines.ts";
import { json, python } from "./encode/literals.ts";
import { hadoopXml, html } from "./encode/markup.ts";
import { Unwritable } from "./encode/unwritable.ts";

/** @throws Unwritable when the value has no form there */
export type Encoder = (value: unknown) => string;

/** The first that fits. */
const kinds: readonly (readonly [RegExp, Encoder])[] = [
  [/^\/etc\/hosts$|^\/etc\/hadoop\/conf\/dfs\.(hosts|exclude)$/, word],
  [/^\/etc\/hailstack\/(public-address|volume\.key)$|\.htpasswd$/, verbatim],
  [/\.xml$/, hadoopXml],
  [/\.html$/, html],
  [/\.json$/, json],
  [/\.py$/, python],
  [/^\/etc\/spark\/conf\/spark-defaults\.conf$/, sparkProperty],
  [/\.env$|^\/etc\/profile\.d\/[^/]+\.sh$|^\/etc\/default\/[^/]+$/, environment],
  [/^\/etc\/nginx\/ssl\//, pem],
  [/^\/etc\/nginx\//, nginx],
  [/^\/etc\/netdata\/|^\/etc\/systemd\/[^/]+\.conf\.d\/|^\/etc\/nfs\.conf\.d\//, ini],
  [/^\/etc\/systemd\/system\//, unit],
  [/^\/etc\/exports\.d\/|^\/etc\/fstab$/, field],
];

/** Of an absolute path on a node. */
export function encoderOf(path: string): Encoder {
  const encoder = kinds.find(([pattern]) => pattern.test(path))?.[1];
  if (!encoder) throw new Error(`encode.ts does not know what kind of file ${path} is`);
  return (value) => {
    try {
      return encoder(value);
    } catch (error) {
      throw error instanceof Unwritable ? new UnwritableIn(path, error.message) : error;
    }
  };
}

/** As Unwritable, with the file it was for. */
export class UnwritableIn extends Error {
  readonly path: string;
  constructor(path: string, why: string) {
    super(`${path}: ${why}`);
    this.name = "UnwritableIn";
    this.path = path;
  }
}
