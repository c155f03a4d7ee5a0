/** What the master's `ready` says of its cluster: its document, read as something a stranger may have written. Pure. */
import * as z from "zod/mini";
import { Exit, failure } from "../errors.ts";

/** The version of the document that this program reads (packer/files/services/usr/lib/hailstack/readiness). */
export const readinessVersion = 1;
/** A thousand workers that lack something in every stage have about one. */
export const readinessBytes = 4 * 1_048_576;

const text = z.string().check(z.maxLength(4_000));
const amount = z.number().check(z.minimum(0));
const byNode = z.record(z.string().check(z.regex(/^[\w.-]{1,253}$/)), text);
const lines = z.array(text).check(z.maxLength(50));

const Stage = z.object({
  stage: z.string().check(z.regex(/^[a-z][a-z-]{0,30}$/)),
  /** waiting: may still come; skipped: this cluster has no such thing. */
  state: z.enum(["waiting", "passed", "failed", "skipped"]),
  /** From the start until it passed; so far while it waits. */
  seconds: amount,
  detail: text,
  /** By host name: what the node lacks. */
  nodes: byNode,
  /** The command, on the node that is named, that tells more. */
  look: text,
  /** The last words of what failed on the master. */
  lines: z.optional(lines),
});
const Job = z.object({
  state: z.enum(["waiting", "running", "passed", "failed"]),
  seconds: amount,
  /** Workers, by host name, that ran tasks of it. */
  hosts: z.array(text).check(z.maxLength(10_000)),
  /** What it is at, or how it ended. */
  detail: text,
  nodes: z.optional(byNode),
  lines: z.optional(lines),
  /** Seconds of each of its steps. */
  steps: z.optional(z.record(text, amount)),
  /** Workers whose cores other applications use. */
  busy: z.optional(z.array(text)),
});
const Document = z.object({
  version: z.literal(readinessVersion),
  cluster: text,
  round: amount,
  good_rounds: amount,
  state: z.enum(["forming", "ready", "failed"]),
  /** ISO 8601, by the master's clock. */
  started: text,
  updated: text,
  round_seconds: amount,
  stages: z.array(Stage).check(z.maxLength(50)),
  job: Job,
});
export type Readiness = z.infer<typeof Document>;
export type ReadyStage = Readiness["stages"][number];
export type ReadyJob = Readiness["job"];

/** @throws HailstackError (1) for what is no such document, or one of another version, or another cluster's */
export function parseReadiness(content: string, cluster: string): Readiness {
  const value = parseJson(content);
  const version = z.object({ version: z.number() }).safeParse(value);
  if (version.success && version.data.version !== readinessVersion) throw otherVersion(version.data.version);
  const parsed = Document.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(`${issue?.path.join(".") || "the document"}: ${issue?.message ?? "wrong"}`);
  }
  if (parsed.data.cluster !== cluster) throw unreadable(`it speaks of cluster '${parsed.data.cluster.slice(0, 80)}'`);
  return parsed.data;
}

function parseJson(content: string): unknown {
  if (content.length > readinessBytes) throw unreadable(`it has more than ${readinessBytes / 1_048_576} MiB`);
  try {
    return JSON.parse(content);
  } catch {
    throw unreadable(content.trim() === "" ? "it is empty" : "it is not whole JSON");
  }
}

const unreadable = (why: string) =>
  failure(
    Exit.failed,
    "ready-unreadable",
    `/run/hailstack/ready.json of the master cannot be read: ${why}`,
    "look at it: hailstack ssh master -- cat /run/hailstack/ready.json",
    { where: "master" },
  );

const otherVersion = (version: number) =>
  failure(
    Exit.failed,
    "ready-version",
    `the cluster's image reports its readiness in version ${version}, and this hailstack reads ${readinessVersion}`,
    "use the hailstack that its image was built with, or build the image anew",
    { where: "master" },
  );
