/** What the master's `drain` says of workers that leave: its document, read as something a stranger may have written. Pure. */
import * as z from "zod/mini";

/** Of the document (packer/files/services/usr/lib/hailstack/draining). */
const version = 1;
/** A thousand workers have a third of it. */
export const drainBytes = 1_048_576;

const text = z.string().check(z.maxLength(1_000));
const host = z.string().check(z.regex(/^[\w.-]{1,253}$/));
const services = ["hdfs", "yarn", "spark"] as const;

const Document = z.object({
  version: z.literal(version),
  /** deadline: time was up before all was done. */
  state: z.enum(["draining", "drained", "deadline"]),
  /** Nothing in HDFS depends on the workers any more. */
  safe: z.boolean(),
  detail: text,
  /** By host name: how far each service is with it, and which of them are not done. */
  nodes: z.record(host, z.object({ hdfs: text, yarn: text, spark: text, left: z.array(z.enum(services)) })),
  /** ISO 8601, by the master's clock. */
  updated: text,
});
export type DrainReport = z.infer<typeof Document>;

/** undefined for what is no such document. */
export function parseDrain(content: string): DrainReport | undefined {
  try {
    return Document.safeParse(JSON.parse(content)).data;
  } catch {
    return undefined;
  }
}

/** What each worker still has: `hdfs 12 blocks left, spark 2 executors`. Those that have nothing are not in it. */
export function unfinished({ nodes }: DrainReport): { host: string; words: string }[] {
  return Object.entries(nodes).flatMap(([name, { left, ...words }]) =>
    left.length > 0 ? [{ host: name, words: left.map((service) => `${service} ${words[service]}`).join(", ") }] : [],
  );
}

const mostNamed = 3;

/** The report in a line. */
export function drainWords(report: DrainReport): string {
  const all = Object.keys(report.nodes).length;
  const busy = unfinished(report);
  const named = busy.slice(0, mostNamed).map(({ host: name, words }) => `${name}: ${words}`);
  const more = busy.length > mostNamed ? [`and ${busy.length - mostNamed} more`] : [];
  const detail = report.detail ? [report.detail] : [];
  return [`${all - busy.length} of ${all} empty`, ...named, ...more, ...detail].join("; ");
}
