/** Why a Packer run failed, as one of our errors. */
import { Exit, type ExitCode, failure, HailstackError, type Problem } from "../errors.ts";
import type { Phase } from "./packer-output.ts";
import type { PackerEnd } from "./packer-process.ts";
import { phaseWords, type Told } from "./packer-story.ts";

export type PackerRunEnd = {
  end: PackerEnd;
  told: Told;
  /** Exit code of the signal that asked us to stop. */
  signalled: ExitCode | undefined;
  /** The deadline that asked us to stop, in minutes. */
  overdueMinutes: number | undefined;
  /** Packer was ended before it had cleaned up. */
  killed: boolean;
  /** Where everything it said is; undefined when nothing was built. */
  logFile: string | undefined;
  /** Text without secrets. */
  masked(text: string): string;
};

const longer = "run it again with a longer --timeout";
/** Characters of one line of an excerpt, and of a reason. */
const longest = 400;

/** What happened decides, never Packer's wording, which is only shown. */
export function explainPacker(run: PackerRunEnd): HailstackError {
  const { signalled, overdueMinutes } = run;
  if (signalled !== undefined)
    return failure(signalled, "interrupted", `stopped by a signal; ${cleaned(run)}`, leftovers(run, "run it again"));
  if (overdueMinutes !== undefined) {
    const message = `not done after ${overdueMinutes} minutes, ${where(run.told)}; ${cleaned(run)}`;
    const then = run.logFile === undefined ? "see that the cloud answers: hailstack doctor" : longer;
    return failure(Exit.failed, "deadline", message, leftovers(run, then));
  }
  if (run.end.signal !== undefined) {
    const message = `Packer was ended by ${run.end.signal}, ${where(run.told)}; ${cleaned({ ...run, killed: true })}`;
    return failure(Exit.failed, "packer-killed", message, leftovers({ ...run, killed: true }, "run it again"));
  }
  return new HailstackError(Exit.failed, [run.told.failed ? stageProblem(run) : phaseProblem(run)]);
}

function stageProblem(run: PackerRunEnd): Problem {
  const { failed, reason, excerpt } = run.told;
  const { stage = "", step, of, script, exitCode } = failed ?? {};
  const how = script === undefined ? (reason ?? "Packer gave up") : `${script} ended with ${exitCode}`;
  return {
    slug: "image-build-failed",
    message: `stage '${stage}' (${step} of ${of}) failed: ${short(run, how)}; ${cleaned(run)}`,
    ...(script === undefined ? {} : { where: script }),
    ...quoted(run, excerpt),
    fix: leftovers(run, "mend the cause and run it again"),
  };
}

const phaseSlugs: Readonly<Record<Phase, string>> = {
  preparing: "image-build-refused",
  launching: "image-builder-not-launched",
  connecting: "image-builder-unreachable",
  provisioning: "image-build-failed",
  stopping: "image-not-made",
  imaging: "image-not-made",
  "cleaning up": "image-not-made",
};

function phaseProblem(run: PackerRunEnd): Problem {
  const { phase, reason, complaints } = run.told;
  if (phase === undefined) return templateProblem(run);
  const why = short(run, reason ?? (complaints.join("; ") || `Packer ended with ${run.end.exitCode} and no image`));
  return {
    slug: phaseSlugs[phase],
    message: `failed ${where(run.told)}: ${why}; ${cleaned(run)}`,
    ...quoted(run, run.told.excerpt),
    fix: leftovers(run, phase === "connecting" ? reachable : "mend the cause and run it again"),
  };
}

const quoted = (run: PackerRunEnd, lines: readonly string[]): Pick<Problem, "excerpt"> =>
  lines.length > 0 ? { excerpt: lines.map((line) => short(run, line)) } : {};

const reachable =
  "see that the builder's address can be reached from here and that packer.allowed_cidrs holds this machine's, then run it again";

/** Nothing was begun: the template, its variables or the login that its check makes. */
function templateProblem(run: PackerRunEnd): Problem {
  const { complaints } = run.told;
  const last = run.end.log.trim().split("\n").slice(-8);
  return {
    slug: "image-template-refused",
    message: `Packer does not take the template (it ended with ${run.end.exitCode})`,
    ...quoted(run, complaints.length > 0 ? complaints : last),
    fix: "see that the cloud's credentials work with 'hailstack doctor'; if they do, report it with these lines",
  };
}

/** `while waiting for SSH on the builder server (after 10 minutes)`. */
function where({ phase, phaseSeconds: seconds }: Told): string {
  if (phase === undefined) return "before the build began";
  const time = seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} minutes`;
  return `while ${phaseWords[phase]} (after ${time})`;
}

function cleaned({ told: { cleanup, phase, imageId }, killed, masked }: PackerRunEnd): string {
  if (phase === undefined) return "nothing was made";
  if (imageId !== undefined) return `the image ${imageId} was made all the same`;
  const words = cleanup.map((line) => masked(line).replace(/[ .]+$/, "")).join("; ");
  if (killed) return `Packer did not finish cleaning up${words && `, it had got to: ${words}`}`;
  return words ? `Packer cleaned up: ${words}` : "Packer says nothing of cleaning up";
}

function leftovers({ killed, told, logFile }: PackerRunEnd, then: string): string {
  const prune = killed || told.imageId !== undefined;
  const log = logFile === undefined || told.phase === undefined ? "" : `; all that was said is in ${logFile}`;
  return prune ? `'hailstack image prune' removes what is left, then ${then}${log}` : `${then}${log}`;
}

/** Masked before it is cut: half a secret is no longer known for one. */
const short = ({ masked }: PackerRunEnd, text: string): string => {
  const whole = masked(text).replace(/\s+/g, " ").trim().replace(/\.$/, "");
  return whole.length > longest ? `${whole.slice(0, longest)}...` : whole;
};
