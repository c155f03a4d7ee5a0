/**
 * What a text in a config may be. Values travel to shells, YAML, XML, nginx and terminals on their way to a node;
 * each has its own encoder there, and here each is limited to what its field can mean, so that neither stands alone.
 */
import { spelled } from "./faults.ts";

export type Rule = {
  readonly slug: string;
  /** Ends "must be …". */
  readonly wanted: string;
  /** The form, for editors; the check itself may know more. Only compiled when it is asked for. */
  readonly pattern?: () => RegExp;
  /** A wrong value may be a secret that was put in the wrong place: no message shows it. */
  readonly sensitive?: true;
  /** How to get a right value, where an example would not tell. */
  readonly fix?: string;
  /** Why not, as the end of "…: <why>"; undefined when the value is fine. */
  fault(value: string): string | undefined;
};

type Form = {
  slug: string;
  wanted: string;
  /** Anchored at both ends; as text, one that is only compiled when a value is held to it. */
  pattern: RegExp | string;
  /** Matches each single character that may appear at all. */
  allowed: RegExp;
  /** Longest value, in characters. */
  max: number;
};

/** A rule that is a pattern; its messages name the first character that cannot be right. */
export function formRule({ slug, wanted, pattern, allowed, max }: Form): Rule {
  let compiled: RegExp | undefined;
  let ascii: RegExp | undefined;
  const whole = () => (compiled ??= new RegExp(pattern));
  return {
    slug,
    wanted,
    pattern: whole,
    fault(value) {
      // Most values fit, most are ASCII, and compiling a pattern for all of Unicode takes a millisecond.
      ascii ??= asciiOf(whole());
      if (value.length <= max && (ascii.test(value) || (!isAscii(value) && whole().test(value)))) return undefined;
      const offender = forbidden(value, allowed);
      if (offender !== undefined) return offender;
      if (value.length > max) return `it has ${value.length} characters, more than ${max}`;
      return value.startsWith("-") ? "it starts with '-'" : "it does not have that form";
    },
  };
}

/** The pattern for texts that are ASCII. */
function asciiOf(pattern: RegExp): RegExp {
  return pattern.unicode ? new RegExp(pattern.source.replaceAll(/(?:\\p\{[LMN]\})+/g, "A-Za-z0-9")) : pattern;
}

const isAscii = (value: string): boolean => /^[ -~]*$/.test(value);

/** Names the first character of `value` that `allowed` does not match, and its place, counted from 1. */
export function forbidden(value: string, allowed: RegExp): string | undefined {
  let place = 0;
  for (const character of value) {
    place += 1;
    if (!allowed.test(character)) return `character ${place} is ${spelled(character)}`;
  }
  return undefined;
}

/** As the contract prints it. */
const namePattern = /^[a-z][a-z0-9-]{1,62}$/;

export const clusterName: Rule = {
  slug: "config-cluster-name",
  wanted: "2 to 63 lower-case letters, digits and '-', beginning with a letter (^[a-z][a-z0-9-]{1,62}$)",
  pattern: () => namePattern,
  fault(value) {
    if (namePattern.test(value)) return undefined;
    const length = [...value].length;
    return (
      forbidden(value, /^[a-z0-9-]$/) ??
      (length < 2 || length > 63
        ? `it has ${length} character${length === 1 ? "" : "s"}`
        : "it does not begin with a letter")
    );
  },
};

/** What OpenStack calls its flavours, networks, images, pools and volumes. */
export const cloudName = formRule({
  slug: "config-cloud-name",
  wanted:
    "a name as OpenStack shows it: letters, digits, ._/+@()- and single spaces and ':' between them, beginning with a letter, digit or '_'",
  pattern: /^[\p{L}\p{N}_](?:[ :]?[\p{L}\p{M}\p{N}._/+@()-])*$/u,
  allowed: /^[\p{L}\p{M}\p{N}._:/+@() -]$/u,
  max: 255,
});

export const bundleId = formRule({
  slug: "config-bundle-id",
  wanted: "a bundle id: letters, digits and ._+-, beginning with a letter or digit",
  pattern: /^[A-Za-z0-9][A-Za-z0-9._+-]*$/,
  allowed: /^[A-Za-z0-9._+-]$/,
  max: 128,
});

/** useradd's own limit and characters; root could not be told from the system's own work. */
const userForm = formRule({
  slug: "config-user-name",
  wanted:
    "a login name other than root: 1 to 32 lower-case letters, digits, '_' and '-', beginning with a letter or '_'",
  pattern: /^[a-z_][a-z0-9_-]*$/,
  allowed: /^[a-z0-9_-]$/,
  max: 32,
});
export const userName: Rule = {
  ...userForm,
  fault: (value) => (value === "root" ? "root may not log in over SSH" : userForm.fault(value)),
};

export const uuid = formRule({
  slug: "config-uuid",
  wanted: "a UUID in lower case, such as 1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11",
  pattern: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/,
  allowed: /^[0-9a-f-]$/,
  max: 36,
});

export const filePath = formRule({
  slug: "config-path",
  wanted: "the path of a file: letters, digits and ._/+@(),=~- and spaces, not beginning with '-'",
  pattern: /^[\p{L}\p{M}\p{N}._/+@(),=~ ][\p{L}\p{M}\p{N}._/+@(),=~ -]*$/u,
  allowed: /^[\p{L}\p{M}\p{N}._/+@(),=~ -]$/u,
  max: 4096,
});

/** Debian policy 5.6.1. A last '-' would tell apt to remove the package. */
export const debianPackage = formRule({
  slug: "config-system-package",
  wanted: "the name of a Debian package: lower-case letters, digits and .+-, at least 2 characters",
  pattern: /^[a-z0-9](?:[a-z0-9.+-]*[a-z0-9.+])$/,
  allowed: /^[a-z0-9.+-]$/,
  max: 128,
});

const packageName = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?";
const comparison = "(?:===|[=~!<>]=|[<>]) ?[A-Za-z0-9](?:[A-Za-z0-9._*+!-]*[A-Za-z0-9*])?";

/** PEP 508 without URLs and markers: a bundle has one Python, so there is nothing for a marker to choose. */
export const pythonRequirement = formRule({
  slug: "config-python-package",
  wanted:
    "a Python package with or without extras and versions, such as pandas[excel]>=2.2,<3; no URL, marker or option",
  pattern: `^${packageName}(?: ?\\[${packageName}(?:, ?${packageName})*\\])?(?: ?${comparison}(?:, ?${comparison})*)?$`,
  allowed: /^[A-Za-z0-9._[\],=~!<>*+ -]$/,
  max: 200,
});

/**
 * A key or password of a service: any printable ASCII, as such stores hand out; it reaches files by encoders only.
 * Messages tell neither the value nor any character of it.
 */
export const credential: Rule = {
  slug: "config-credential",
  wanted: "1 to 256 printable ASCII characters without spaces, not beginning with '-'",
  sensitive: true,
  fault(value) {
    if (value.length > 256) return `it has ${value.length} characters`;
    if (value.startsWith("-")) return "it starts with '-'";
    const place = [...value].findIndex((character) => !/^[!-~]$/.test(character));
    if (place < 0) return undefined;
    const kind = /\p{C}|\p{Z}/u.test([...value][place] ?? "") ? "a space or control character" : "not ASCII";
    return `character ${place + 1} is ${kind}`;
  },
};
