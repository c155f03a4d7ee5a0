/** What a node's own `/usr/libexec/hailstack/report` says is amiss, in a sentence and its last lines. Pure. */
import * as z from "zod/mini";
import { bootLog } from "./evidence.ts";
import { lastLines } from "./node-answer.ts";
import type { NodeWords } from "./readiness-problems.ts";

/** Only what is read here; every node may be of an older image, and a sick one may leave anything out. */
const Report = z.looseObject({
  boot: z.nullish(
    z.looseObject({
      state: z.optional(z.string()),
      stages: z.optional(
        z.array(z.looseObject({ stage: z.string(), state: z.string(), message: z.optional(z.string()) })),
      ),
    }),
  ),
  trouble: z.optional(z.string()),
  /** What cloud-init says went wrong. */
  cloud_init: z.optional(z.array(z.string())),
  units: z.optional(
    z.array(
      z.looseObject({
        unit: z.string(),
        state: z.string(),
        sub: z.optional(z.string()),
        result: z.optional(z.string()),
        restarts: z.optional(z.number()),
        /** A condition of it does not hold yet, which is no trouble. */
        waits: z.optional(z.boolean()),
        lines: z.optional(z.array(z.string())),
      }),
    ),
  ),
  disks: z.optional(
    z.array(
      z.looseObject({
        path: z.string(),
        bytes: z.number(),
        free_bytes: z.number(),
        inodes: z.optional(z.number()),
        free_inodes: z.optional(z.number()),
      }),
    ),
  ),
});
type Report = z.infer<typeof Report>;

const mostLines = 20;
const leastFreeBytes = 512 * 1_048_576;

/** How a node's boot is, as it says itself. */
export type NodeBoot =
  | { state: "done" }
  /** What it is at. */
  | { state: "running"; at: string }
  | {
      state: "failed";
      /** What of the first boot, or of what came before it. */
      stage: string;
      reason: string;
      lines: readonly string[];
      /** The command on the node that tells more. */
      look: string;
    };

/** The command on a node that tells how its boot went. */
export const lookBoot = `sudo tail -n 50 ${bootLog}`;
const lookCloudInit = "cloud-init status --long";

/** All of its boot, extras too; of an answer that is no report, nothing is said. */
export function bootOfReport(content: string): NodeBoot {
  const report = read(content);
  if (report === undefined) return { state: "running", at: "its own report cannot be read" };
  const { boot, cloud_init: errors = [] } = report;
  if (errors.length > 0) {
    const reason = "cloud-init ended with errors";
    return { state: "failed", stage: "boot", reason, lines: lastOf(errors), look: lookCloudInit };
  }
  const stages = boot?.stages ?? [];
  const sick = stages.find(({ state }) => state === "failed");
  if (sick) {
    const { stage, message = "" } = sick;
    const told = { reason: `stage ${stage} of first boot failed`, lines: lastOf([message]), look: lookBoot };
    return { state: "failed", stage: stage === "extras" ? "extras" : "boot", ...told };
  }
  const at = stages.find(({ state }) => state !== "done")?.stage;
  if (boot?.state === "done") return { state: "done" };
  return { state: "running", at: at ?? (boot ? "its last stage" : "its first boot has not begun") };
}

const lastOf = (texts: readonly string[]): string[] => lastLines(texts.join("\n"), mostLines);

/** For a problem about the node; of an answer that is no report, it says that. */
export function wordsOfReport(content: string): NodeWords {
  const report = read(content);
  if (report === undefined) return { summary: "its own report cannot be read", lines: [] };
  const stages = (report.boot?.stages ?? []).filter(({ state }) => state !== "done");
  const units = (report.units ?? []).filter(({ state, waits }) => state !== "active" && waits !== true);
  const facts = [
    ...(report.trouble === undefined ? [] : [report.trouble]),
    ...(report.boot ? [] : ["first boot has not begun"]),
    ...(report.cloud_init ?? []).slice(0, 1).map((error) => `cloud-init: ${error}`),
    ...stages.map(({ stage, state }) => `first boot: ${stage} is ${state}`),
    ...(report.disks ?? []).flatMap(fullDisk),
    ...units.map(unitFact),
  ];
  const lines = lastOf([
    ...stages.filter(({ state }) => state === "failed").map(({ message = "" }) => message),
    ...units.flatMap((unit) => unit.lines ?? []),
  ]);
  return { summary: facts.join("; ") || "it finds nothing amiss itself", lines };
}

function read(content: string): Report | undefined {
  try {
    return Report.safeParse(JSON.parse(content)).data;
  } catch {
    return undefined;
  }
}

function fullDisk({ path, bytes, free_bytes, inodes = 0, free_inodes = 1 }: NonNullable<Report["disks"]>[number]) {
  const mib = (value: number): number => Math.floor(value / 1_048_576);
  if (free_bytes < leastFreeBytes) return [`${path} is full: ${mib(free_bytes)} of ${mib(bytes)} MiB free`];
  return inodes > 0 && free_inodes < inodes / 100 ? [`${path} has ${free_inodes} of ${inodes} inodes free`] : [];
}

function unitFact({ unit, state, sub = "", result = "", restarts = 0 }: NonNullable<Report["units"]>[number]): string {
  const name = unit.replace(/\.service$/, "");
  const why = result === "" || result === "success" ? "" : ` (${result})`;
  const again = restarts > 0 ? `, ${restarts} restarts` : "";
  // Between two tries, or in one of them.
  return sub.startsWith("auto-restart") || (state === "activating" && restarts > 0)
    ? `${name} ends and starts again${why}${again}`
    : `${name} is ${state}${why}${again}`;
}
