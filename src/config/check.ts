/** One parsed file against the schema and a command's needs: the config, or every fault. Pure. */
import { type Fault, type Path, valueAt } from "./faults.ts";
import { issueFaults } from "./issues.ts";
import { type Need, needFaults } from "./needs.ts";
import type { Table } from "./toml-data.ts";
import { type Config, configSchema } from "./schema.ts";
import { aboutField, allFields } from "./tree.ts";
import { userinfoSecrets } from "./userinfo.ts";
import { blankReason, pathKey, type Reference, referenceFaults, type Secrecy, type Substituted } from "./variables.ts";

export type Check = {
  /** Absent when there are faults the schema sees. */
  readonly config?: Config;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
};

/** `envKnown` is false when a `.env` file could not be read: what may have been in it is then not called missing. */
export function checkFile(file: Substituted, needs: readonly Need[], envKnown: boolean): Check {
  const { references } = file;
  const data = needs.includes("ssh_keys") ? file.data : withoutUnsetKeys(file);
  // A file is checked once: compiling the schema to a function would cost more than it saves.
  const parsed = configSchema.safeParse(data, { jitless: true });
  const substituted = (path: Path): boolean => references.has(pathKey(path));
  const ruled = parsed.success ? [] : issueFaults(parsed.error.issues, { schema: configSchema, data, substituted });
  const faults = [...ruled.map((fault) => withReason(fault, file)), ...(envKnown ? needFaults(needs, file) : [])];
  const unsure = (fault: Fault): boolean => !envKnown && (references.get(pathKey(fault.path))?.unset.length ?? 0) > 0;
  return {
    ...(parsed.success ? { config: parsed.data } : {}),
    faults: faults.filter((fault) => !unsure(fault)),
    warnings: referenceFaults(references.values(), secrecyOf),
  };
}

/** A command that hands out no keys does not miss those whose variables are not set where it runs. */
function withoutUnsetKeys({ data, references }: Substituted): Table {
  const path = ["ssh_keys", "public_keys"];
  const keys = valueAt(data, path);
  if (!Array.isArray(keys)) return data;
  const left = keys.filter((key, index) => key !== "" || !references.has(pathKey([...path, index])));
  return left.length === keys.length ? data : { ...data, ssh_keys: { public_keys: left } };
}

/** Every value of the file that must not be shown, or the part of it. */
export function secretValues({ data }: Substituted): string[] {
  return allFields().flatMap(({ path, about }): string[] => {
    const value = about.secret || about.userinfo ? valueAt(data, path) : undefined;
    if (typeof value !== "string" || value === "") return [];
    return about.secret ? [value] : userinfoSecrets(value);
  });
}

function secrecyOf(path: Path): Secrecy {
  const about = aboutField(configSchema, path);
  if (about?.secret) return "secret";
  return about?.userinfo ? "holds a secret" : "open";
}
const isSecret = (path: Path): boolean => secrecyOf(path) !== "open";

/** Says of a blank text which variable left it so. */
function withReason(fault: Fault, { data, references }: Substituted): Fault {
  const reference: Reference | undefined = references.get(pathKey(fault.path));
  const value = valueAt(data, fault.path);
  if (reference === undefined || typeof value !== "string" || value.trim() !== "") return fault;
  return { ...fault, message: fault.message + blankReason(reference, isSecret(fault.path)) };
}

/** The contract's pattern allows names that leave no room for `-worker-01` in a host name of 63 characters. */
export async function nameWarnings({ cluster: { name } }: Config): Promise<Fault[]> {
  if (name.length <= longestPlainName) return [];
  // Loaded for these few only: it hashes.
  const { hostLabel, maxHostLabel } = await import("./host-label.ts");
  const worker = `${name}-worker-01`;
  const message = `host names of this cluster are shortened to ${maxHostLabel} characters: ${worker} becomes ${hostLabel(worker)}`;
  const fix = `give the cluster a name of at most ${longestPlainName} characters`;
  return [{ path: ["cluster", "name"], at: "value", slug: "config-long-name", message, fix }];
}

const longestPlainName = 63 - "-worker-01".length;
