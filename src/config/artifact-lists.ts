/** The lists of artefacts in the bundles of one file: whether there is what they name, and one file for each thing. */
import { type Artifact, artifactId, artifactNames } from "./artifacts.ts";
import { dotted, type Fault, type Path, quoted } from "./faults.ts";
import { nearest } from "./nearest.ts";
import { isTable } from "./toml-types.ts";

type Tables = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/**
 * Looks at the file's data, valid or not, so that all that is wrong in it is told at once. `known` are the artefacts
 * that its bundles may name beside its own.
 */
export function artifactFaults(data: Readonly<Record<string, unknown>>, known: ReadonlyMap<string, Artifact>): Fault[] {
  const own = tablesOf(data["artifact"]);
  const lists = [...tablesOf(data["bundle"])].flatMap(([bundle, { artifacts }]) =>
    listFaults(["bundle", bundle, "artifacts"], artifacts, own, known),
  );
  return [...idFaults(own), ...renamed(own, known), ...lists];
}

function tablesOf(value: unknown): Tables {
  const entries = Object.entries(isTable(value) ? value : {});
  return new Map(entries.flatMap(([key, table]) => (isTable(table) ? [[key, table] as const] : [])));
}

function idFaults(own: Tables): Fault[] {
  return [...own.keys()].flatMap((id): Fault[] => {
    const why = artifactId.fault(id);
    if (why === undefined) return [];
    const message = `${dotted(["artifact", id])} must be ${artifactId.wanted}: ${why}`;
    return [{ path: ["artifact", id], at: "key", slug: artifactId.slug, message, fix: "rename the table" }];
  });
}

/** Bundles that name an artefact of `known` would get another thing under its id. */
function renamed(own: Tables, known: ReadonlyMap<string, Artifact>): Fault[] {
  return [...own].flatMap(([id, { name }]): Fault[] => {
    const was = known.get(id)?.name;
    if (was === undefined || name === was || !isName(name)) return [];
    const message = `${dotted(["artifact", id, "name"])} '${name}' must be '${was}', as hailstack's own artefact of that id`;
    return [
      { path: ["artifact", id, "name"], at: "value", slug: "artifact-renamed", message, fix: "give it another id" },
    ];
  });
}

const isName = (name: unknown): name is Artifact["name"] => artifactNames.some((each) => each === name);

function listFaults(path: Path, list: unknown, own: Tables, known: ReadonlyMap<string, Artifact>): Fault[] {
  const first = new Map<string, string>();
  return (Array.isArray(list) ? list : []).flatMap((id: unknown, index): Fault[] => {
    if (typeof id !== "string" || id === "" || artifactId.fault(id) !== undefined) return [];
    const fault = { path: [...path, index], at: "value" as const };
    if (!own.has(id) && !known.has(id))
      return [{ ...fault, ...notFound(fault.path, id, [...own.keys(), ...known.keys()]) }];
    const name = own.has(id) ? own.get(id)?.["name"] : known.get(id)?.name;
    if (!isName(name)) return [];
    const before = first.get(name);
    if (before === undefined) {
      first.set(name, id);
      return [];
    }
    const message = `${dotted(fault.path)}${quoted(id)} is a second artefact of the name '${name}', after${quoted(before)}`;
    return [{ ...fault, slug: "artifact-twice", message, fix: "keep one of them" }];
  });
}

function notFound(path: Path, id: string, ids: readonly string[]): Pick<Fault, "slug" | "message" | "fix"> {
  const near = nearest(id, ids);
  const message = `${dotted(path)}${quoted(id)} is no artefact of this file or of hailstack's own${near === undefined ? "" : `; did you mean ${near}?`}`;
  const fix = near === undefined ? 'add a table [artifact."<id>"], or take it out of the list' : `write ${near}`;
  return { slug: "artifact-not-found", message, fix };
}
