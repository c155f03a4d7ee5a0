/** Follows one Packer run by what it says: phases and stages become progress, and what a failure must tell is kept. */
import type { Progress } from "../world.ts";
import { markOf, type Mark, type Phase, phaseOf, type Said } from "./packer-output.ts";

/** Of the current stage, for when it fails. */
const keptLines = 20;
/** Of each list of Packer's own words. */
const keptWords = 12;
/** A line that is shown while a stage runs replaces the last one no sooner. */
const detailMs = 1000;

export type StoryOptions = {
  report(progress: Progress): void;
  /** Text without secrets. */
  masked(text: string): string;
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number;
};

export type StageFailure = { stage: string; step: number; of: number; script?: string; exitCode?: number };

/** How a run stands; at its end, how it went. */
export type Told = {
  /** Where it was when it began to clean up, or stands; undefined until Packer begins a build. */
  phase: Phase | undefined;
  /** How long that took. */
  phaseSeconds: number;
  /** The stage that failed, or was running when the build did. */
  failed: StageFailure | undefined;
  /** The last lines of that stage's script, or of whatever ran between two stages. */
  excerpt: readonly string[];
  /** Why the build failed, in the plugin's words. */
  reason: string | undefined;
  /** What Packer itself complained of, scripts apart. */
  complaints: readonly string[];
  /** What it says it cleaned up, and could not. */
  cleanup: readonly string[];
  imageId: string | undefined;
};

/** Names of the phases as people read them, between those of `terminal.stage`. */
export const phaseWords: Readonly<Record<Phase, string>> = {
  preparing: "preparing the build",
  launching: "launching the builder server",
  connecting: "waiting for SSH on the builder server",
  provisioning: "running the scripts",
  stopping: "stopping the builder server",
  imaging: "making the image",
  "cleaning up": "removing the builder server",
};

/** What Packer says of a failed script whether there is anything to clean up or not. */
const cleanupProvisioner = "Provisioning step had errors: Running the cleanup provisioner, if present...";

type Timed = { startedAt: number };

export function openStory({ report, masked, now = () => performance.now() }: StoryOptions) {
  let phase: (Timed & { name: Phase; troubled: boolean }) | undefined;
  let before: { phase: Phase; seconds: number } | undefined;
  let stage: (Timed & StageFailure) | undefined;
  let failed: StageFailure | undefined;
  let saidLast = 0;
  /** The last line that came too soon after one that was shown. */
  let held: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let tail: string[] = [];
  const complaints: string[] = [];
  const cleanup: string[] = [];
  let reason: string | undefined;
  let imageId: string | undefined;

  const secondsOf = ({ startedAt }: Timed): number => Math.round(now() - startedAt) / 1000;

  function enter(name: Phase): void {
    // Packer begins to clean up once; what it then says of servers and addresses is part of that.
    if (phase?.name === name || phase?.name === "cleaning up") return;
    if (phase) leave(name === "cleaning up" && (phase.name !== "imaging" || phase.troubled) ? "failed" : "done");
    phase = { name, startedAt: now(), troubled: false };
    report({ event: "stage", stage: phaseWords[name], state: "started" });
  }

  function leave(state: "done" | "failed"): void {
    if (!phase) return;
    endStage(state);
    const seconds = secondsOf(phase);
    if (phase.name !== "cleaning up") before = { phase: phase.name, seconds };
    report({ event: "stage", stage: phaseWords[phase.name], state, seconds });
  }

  function endStage(state: "done" | "failed", seconds?: number): void {
    held = undefined;
    if (!stage) return;
    const { step, of, stage: name } = stage;
    if (state === "failed") failed ??= { stage: name, step, of };
    report({ event: "stage", stage: name, state, step, of, seconds: seconds ?? secondsOf(stage) });
    stage = undefined;
  }

  function obey(mark: Mark): void {
    if (mark.mark === "start") {
      enter("provisioning");
      endStage("done");
      tail = [];
      const { stage: name, step, of } = mark;
      stage = { stage: name, step, of, startedAt: now() };
      report({ event: "stage", stage: name, state: "started", step, of });
    } else if (mark.stage !== stage?.stage) {
      // Told of a stage that never began: the scripts and this program do not fit, and nothing can be said of it.
    } else if (mark.mark === "done") endStage("done", mark.seconds);
    else {
      failed = { stage: stage.stage, step: stage.step, of: stage.of, script: mark.script, exitCode: mark.exitCode };
      endStage("failed");
    }
  }

  /** A line that a script printed; on stderr it may come after the mark of the failure it explains. */
  function scriptLine(line: string): void {
    tail.push(line);
    if (tail.length > keptLines) tail.shift();
    if (line.trim() === "") return;
    if (now() - saidLast >= detailMs) return showLine(line);
    held = line;
    timer ??= setTimeout(() => {
      timer = undefined;
      if (held !== undefined) showLine(held);
    }, detailMs).unref();
  }

  function showLine(line: string): void {
    const detail = masked(line).slice(0, 200);
    saidLast = now();
    held = undefined;
    if (stage) report({ event: "stage", stage: stage.stage, state: "started", step: stage.step, of: stage.of, detail });
    else if (phase) report({ event: "stage", stage: phaseWords[phase.name], state: "started", detail });
  }

  function complain(ofBuild: boolean, line: string): void {
    // Of a build that has begun, Packer as a whole only repeats the reason.
    if (phase && !ofBuild) return;
    if (phase) phase.troubled = true;
    remember(phase?.name === "cleaning up" ? cleanup : complaints, line);
  }

  function ownLine(kind: "say" | "message" | "error", ofBuild: boolean, line: string): void {
    if (kind === "error") complain(ofBuild, line);
    if (kind !== "say" || !ofBuild) return;
    const next = phaseOf(line) ?? (phase ? undefined : "preparing");
    if (next) enter(next);
    if (phase?.name === "cleaning up" && line !== cleanupProvisioner) remember(cleanup, line);
  }

  return {
    hear(said: Said): void {
      if (said.kind === "artifact") imageId ??= said.id;
      else if (said.kind === "reason") reason = said.text;
      else {
        const { kind, ofBuild, lines } = said;
        const byScript = ofBuild && kind !== "say" && phase?.name === "provisioning";
        for (const line of lines) {
          const mark = ofBuild && kind === "message" ? markOf(line) : undefined;
          if (mark) obey(mark);
          else if (byScript) scriptLine(line);
          else ownLine(kind, ofBuild, line);
        }
      }
    },

    /** Packer has ended; ends what is still shown as running. */
    end(state: "done" | "failed"): Told {
      leave(phase?.name === "cleaning up" ? "done" : state);
      clearTimeout(timer);
      return {
        phase: before?.phase,
        phaseSeconds: before?.seconds ?? 0,
        failed,
        excerpt: failed || before?.phase === "provisioning" ? tail : [],
        reason,
        complaints,
        cleanup,
        imageId,
      };
    },
  };
}

function remember(words: string[], line: string): void {
  words.push(line);
  if (words.length > keptWords) words.shift();
}
