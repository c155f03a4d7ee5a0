/** A cluster as its checkpoint in the state bucket tells it. Pure: bytes in, plain data out, bytes back. */
import * as z from "zod/mini";
import { Exit, failure } from "../errors.ts";
import { Outputs } from "./outputs.ts";

/** No defaults anywhere: what is put back must be what was read. */
const Resource = z.looseObject({
  urn: z.string(),
  type: z.string(),
  id: z.optional(z.string()),
  inputs: z.optional(z.record(z.string(), z.unknown())),
  outputs: z.optional(z.record(z.string(), z.unknown())),
  retainOnDelete: z.optional(z.boolean()),
  initErrors: z.nullish(z.array(z.string())),
});
const Pending = z.looseObject({ resource: Resource, type: z.string() });
const Checkpoint = z
  .looseObject({
    version: z.literal([0, 3]),
    checkpoint: z.looseObject({
      latest: z.nullish(
        z.looseObject({
          manifest: z.looseObject({ time: z.string() }),
          secrets_providers: z.optional(z.looseObject({ state: z.optional(z.looseObject({ salt: z.string() })) })),
          resources: z.nullish(z.array(Resource)),
          pending_operations: z.nullish(z.array(Pending)),
        }),
      ),
    }),
  })
  // The engine's very first word of a new stack has version 0 and nothing in it; a kill just then leaves it so.
  .check(z.refine(({ version, checkpoint }) => version === 3 || !checkpoint.latest));
type Checkpoint = z.infer<typeof Checkpoint>;

export type RecordedResource = {
  urn: string;
  /** Logical name: `c1-worker-port-01`. */
  name: string;
  /** `Instance`, `Port`, … */
  kind: string;
  /** The cloud's id; for a rule, an association and the like, the provider's own. */
  id: string;
  inputs: Readonly<Record<string, unknown>>;
  /** Stays in the cloud when the stack goes. */
  retained: boolean;
  /** It was made, but never came to be what it should: a server that went to ERROR. */
  unfinished: boolean;
};

export type ClusterState = {
  /** What is recorded as made. */
  resources: RecordedResource[];
  /** Begun by a run that never told how it ended. */
  pending: { operation: string; name: string; kind: string }[];
  /** Absent until a first create has come to its end. */
  outputs?: Outputs;
  /** When it was last written, ISO 8601. */
  time?: string;
  /** Proves a passphrase without any secret being read. */
  salt?: string;
};

/** @throws HailstackError (4) when it is no checkpoint that this version understands; `key` names the object */
export function readCheckpoint(bytes: Uint8Array, key: string): ClusterState {
  const { latest } = parse(bytes, key).checkpoint;
  const recorded = (latest?.resources ?? []).filter(({ type }) => type.startsWith("openstack:"));
  const stack = latest?.resources?.find(({ type }) => type === "pulumi:pulumi:Stack");
  const outputs = outputsOf(stack?.outputs, key);
  const salt = latest?.secrets_providers?.state?.salt;
  return {
    resources: recorded.map(({ urn, type, id = "", inputs = {}, retainOnDelete, initErrors }) => ({
      urn,
      name: nameOf(urn),
      kind: kindOf(type),
      id,
      inputs,
      retained: retainOnDelete ?? false,
      unfinished: (initErrors?.length ?? 0) > 0,
    })),
    pending: (latest?.pending_operations ?? []).map(({ type, resource }) => ({
      operation: type,
      name: nameOf(resource.urn),
      kind: kindOf(resource.type),
    })),
    ...(outputs ? { outputs } : {}),
    ...(latest ? { time: latest.manifest.time } : {}),
    ...(salt ? { salt } : {}),
  };
}

/**
 * undefined until a first create has come to its end: the engine records all outputs at once.
 * @throws HailstackError (4) naming the first that is not as a create writes it
 */
function outputsOf(outputs: Readonly<Record<string, unknown>> | undefined, key: string): Outputs | undefined {
  if (outputs === undefined || Object.keys(outputs).length === 0) return undefined;
  const parsed = Outputs.safeParse(outputs);
  if (parsed.success) return parsed.data;
  const name = String(parsed.error.issues[0]?.path[0]);
  const message = `Pulumi stack output '${name}' was missing or invalid`;
  const fix = `restore ${key}.bak over it, or use the version of hailstack that wrote it`;
  throw failure(Exit.state, "state-outputs", message, fix, { where: key });
}

/** The same checkpoint without the operations nobody will ever finish. @throws HailstackError (4) as readCheckpoint */
export function withoutPending(bytes: Uint8Array, key: string): string {
  const checkpoint = parse(bytes, key);
  if (checkpoint.checkpoint.latest) delete checkpoint.checkpoint.latest.pending_operations;
  return JSON.stringify(checkpoint);
}

/**
 * The same checkpoint with its volume kept, or not, when the stack goes: Pulumi reads that from the state and never
 * from the config as it stands then. @throws HailstackError (4) as readCheckpoint
 */
export function withVolumeRetained(bytes: Uint8Array, key: string, retained: boolean): string {
  const checkpoint = parse(bytes, key);
  for (const resource of checkpoint.checkpoint.latest?.resources ?? []) {
    if (kindOf(resource.type) === "Volume") resource.retainOnDelete = retained;
  }
  return JSON.stringify(checkpoint);
}

function parse(bytes: Uint8Array, key: string): Checkpoint {
  try {
    return Checkpoint.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch (cause) {
    throw failure(
      Exit.state,
      "state-unreadable",
      "the recorded state is damaged, or a newer version wrote it",
      `restore ${key}.bak over it, or use the version of hailstack that wrote it`,
      { where: key, cause },
    );
  }
}

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;
const kindOf = (type: string): string => type.split(":").at(-1) ?? type;

export const ofKind = (state: ClusterState, kind: string): RecordedResource[] =>
  state.resources.filter((resource) => resource.kind === kind);
