/** What a command needs of a config beyond a valid file. Pure; looks at what the file says, valid or not. */
import type { Fault, Path } from "./faults.ts";
import { dotted, valueAt } from "./faults.ts";
import { blankReason, pathKey, type Substituted } from "./variables.ts";

/**
 * `state`: the four values of the state store; `ssh_keys`: at least one; `s3`: with an endpoint, its keys; `passwords`:
 * those of the environment; `packer`: its table; `bundle`: which one is meant; `certificate`: both files of `[web]`, or none.
 */
export type Need = "state" | "ssh_keys" | "s3" | "passwords" | "packer" | "bundle" | "certificate";

const s3Keys = ["endpoint", "access_key", "secret_key"];

export function needFaults(needs: readonly Need[], file: Substituted): Fault[] {
  return [
    ...(needs.includes("s3") ? s3Faults(file) : []),
    ...(needs.includes("state") ? stateFaults(file) : []),
    ...(needs.includes("ssh_keys") ? keyFaults(file) : []),
    ...(needs.includes("certificate") ? certificateFaults(file) : []),
    ...(needs.includes("packer") && valueAt(file.data, ["packer"]) === undefined ? [packerFault] : []),
  ];
}

/** True when the config asks for a data volume, whether of ours or the user's. */
export function wantsVolume({ data }: Substituted): boolean {
  const id = valueAt(data, ["volumes", "existing_volume_id"]);
  return valueAt(data, ["volumes", "create"]) === true || (typeof id === "string" && id.trim() !== "");
}

const isBlank = (value: unknown): boolean => value === undefined || (typeof value === "string" && value.trim() === "");

/** The contract's rule: with the endpoint, both keys. */
function s3Faults(file: Substituted): Fault[] {
  if (isBlank(valueAt(file.data, ["s3", "endpoint"]))) return [];
  const message = "s3.endpoint, s3.access_key, and s3.secret_key must all be set together";
  const fix = "set s3.access_key and s3.secret_key, or delete the table [s3]";
  return together(file, "s3", s3Keys, { slug: "config-s3-keys", message, fix });
}

function stateFaults(file: Substituted): Fault[] {
  const message = "Ceph S3 credentials required for Pulumi state backend";
  const fix = "set every field of [ceph_s3]; put the keys into the environment or the file given with --dotenv";
  // The bucket has a default: leaving it out is not leaving it blank.
  const bucket = valueAt(file.data, ["ceph_s3", "bucket"]) === undefined ? [] : ["bucket"];
  return together(file, "ceph_s3", [...s3Keys, ...bucket], { slug: "config-state-credentials", message, fix });
}

function certificateFaults(file: Substituted): Fault[] {
  const keys = ["certificate_file", "key_file"];
  if (keys.every((key) => isBlank(valueAt(file.data, ["web", key])))) return [];
  const message = "web.certificate_file and web.key_file must be set together";
  const fix = "set the other one too, or delete both: the cluster then makes a certificate of its own";
  return together(file, "web", keys, { slug: "config-web-certificate", message, fix });
}

/** One fault for all blank fields of a table, at the first of them that is in the file. */
function together(
  file: Substituted,
  table: string,
  keys: readonly string[],
  words: Pick<Fault, "slug" | "message" | "fix">,
): Fault[] {
  const blank = keys.map((key): Path => [table, key]).filter((path) => isBlank(valueAt(file.data, path)));
  const [first] = blank;
  if (first === undefined) return [];
  const told = blank.map((path) => {
    const secret = ["access_key", "secret_key"].includes(String(path.at(-1)));
    return `${dotted(path)} is blank${blankReason(file.references.get(pathKey(path)), secret)}`;
  });
  const there = blank.find((path) => valueAt(file.data, path) !== undefined);
  return [
    { ...words, message: `${words.message}: ${told.join(", ")}`, path: there ?? first, at: there ? "value" : "table" },
  ];
}

function keyFaults({ data }: Substituted): Fault[] {
  const keys = valueAt(data, ["ssh_keys", "public_keys"]);
  if (keys !== undefined && !(Array.isArray(keys) && keys.length === 0)) return [];
  const message = "at least one SSH public key required: ssh_keys.public_keys is empty";
  const fix = "add the text of your .pub file to ssh_keys.public_keys";
  const at = keys === undefined ? "table" : "value";
  return [{ path: ["ssh_keys", "public_keys"], at, slug: "config-ssh-keys-missing", message, fix }];
}

const packerFault: Fault = {
  path: ["packer", "base_image"],
  at: "table",
  slug: "config-packer-missing",
  message: "packer.base_image required: the config has no table [packer]",
  fix: "add [packer] with base_image, the name of the image to begin with",
};
