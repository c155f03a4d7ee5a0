/** What a changed config means for a cluster that exists. Pure. */
import * as z from "zod/mini";
import { dotted, valueAt } from "./faults.ts";
import type { About, Effect } from "./fields.ts";
import type { Config } from "./schema.ts";
import { allFields } from "./tree.ts";

/** A field's value as JSON keeps it; null where the field had no say. */
export type DeployedValue = string | number | boolean | null | readonly string[];
/** Values by dotted key: `cluster.num_workers`. Recorded as a stack output at the end of every create. */
export type DeployedFields = Readonly<Record<string, DeployedValue>>;

export type LiveChange = {
  /** Dotted key. */
  field: string;
  was: DeployedValue;
  wanted: DeployedValue;
  effect: Exclude<Effect, "nothing">;
  /** Ends "changing it …: <why>". */
  why: string;
};

const value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);

/** Every field whose change matters on a live cluster; none of them is secret. */
const watched = (): { key: string; path: readonly string[]; about: About }[] =>
  allFields()
    .filter(({ about }) => about.live !== "nothing" && about.secret !== true)
    .map(({ path, about }) => ({ key: dotted(path), path, about }));

/** What `liveChanges` compares a later config with. */
export function deployedFields(config: Config): Record<string, DeployedValue> {
  const silent = withoutEffect(config);
  const entries = watched().map(({ key, path }): [string, DeployedValue] => {
    return [key, silent.has(key) ? null : value.parse(valueAt(config, path))];
  });
  return Object.fromEntries(entries);
}

/**
 * What differs, in the order of the schema; refused ones do not come first. `deployed` is what an earlier create
 * recorded: a field that it does not know, as an older hailstack made it, counts as unchanged.
 */
export function liveChanges(deployed: Readonly<Record<string, unknown>>, config: Config): LiveChange[] {
  const wantedFields = deployedFields(config);
  return watched().flatMap(({ key, about }): LiveChange[] => {
    const known = value.safeParse(Object.hasOwn(deployed, key) ? deployed[key] : undefined);
    const wanted = wantedFields[key] ?? null;
    if (!known.success || JSON.stringify(known.data) === JSON.stringify(wanted)) return [];
    return changeOf(key, about, known.data, wanted);
  });
}

function changeOf(field: string, { live, why }: About, was: DeployedValue, wanted: DeployedValue): LiveChange[] {
  // What had no say in one of the two configs follows from another field, and that one tells the change.
  if (live === "nothing" || was === null || wanted === null) return [];
  const shrinks = field === "volumes.size_gb" && typeof was === "number" && typeof wanted === "number" && wanted < was;
  const shrunk = `managed volumes cannot be shrunk: requested ${String(wanted)} GiB but deployed volume is ${String(was)} GiB`;
  if (shrinks) return [{ field, was, wanted, effect: "refused", why: shrunk }];
  return [{ field, was, wanted, effect: live, why }];
}

/** Fields that this config gives no meaning, whatever they say. */
function withoutEffect({ cluster, volumes }: Config): ReadonlySet<string> {
  const silent = new Set<string>();
  if (cluster.lustre_network === "") silent.add("cluster.lustre_mount_target");
  if (!volumes.create) silent.add("volumes.size_gb");
  if (!volumes.create && volumes.existing_volume_id === "") silent.add("volumes.name");
  return silent;
}
