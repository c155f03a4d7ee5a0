/** What Packer says with `-machine-readable`, understood line by line: `timestamp,target,type,data...`. Pure. */

/** `say` is Packer's own word, `message` what a script prints, `error` what either complains of. */
export type Said =
  | {
      kind: "say" | "message" | "error";
      /** Seconds since 1970. */
      time: number;
      /** Whether it is about a build, not about Packer's run as a whole. */
      ofBuild: boolean;
      lines: string[];
    }
  /** What the build has made. */
  | { kind: "artifact"; id: string }
  /** Why the build has failed, in the plugin's words. */
  | { kind: "reason"; text: string };

/** undefined for a line that says nothing of these. */
export function parseLine(line: string): Said | undefined {
  const [, time = "", target = "", type = "", rest = ""] = /^(\d+),([^,]*),([\w-]+),?(.*)$/s.exec(line) ?? [];
  if (time === "") return line.trim() === "" ? undefined : plain(line);
  const data = rest.split(",").map((field) => field.replaceAll("%!(PACKER_COMMA)", ","));
  if (type === "ui") return uiSaid(Number(time), data);
  if (type === "artifact" && data[1] === "id" && data[2]) return { kind: "artifact", id: data[2] };
  if (type === "error" && target !== "") return { kind: "reason", text: brokenUp(data[0] ?? "").join(" ") };
  return undefined;
}

/** What comes before Packer knows how it shall speak, and when it crashes. */
const plain = (line: string): Said => ({ kind: "error", time: Date.now() / 1000, ofBuild: false, lines: [line] });

/** How each line of a build's own text begins: `==> openstack.image: ` or, a script's, `    openstack.image: `. */
const prefix = /^(?:==>| {3}) [^\s:]+:(?: |$)/;

function uiSaid(time: number, [kind = "", text = ""]: string[]): Said | undefined {
  if (kind !== "say" && kind !== "message" && kind !== "error") return undefined;
  const begin = prefix.exec(text)?.[0];
  if (begin === undefined) return { kind, time, ofBuild: false, lines: brokenUp(text).filter((line) => line !== "") };
  // A script's own "\n" is no line break; a real one is followed by the same beginning.
  const lines = text.slice(begin.length).split(`\\n${begin.trimEnd()}`);
  return {
    kind,
    time,
    ofBuild: true,
    lines: lines.map((line, index) => (index === 0 ? line : line.replace(/^ /, ""))),
  };
}

const brokenUp = (text: string): string[] => text.replaceAll("\\r", "").split("\\n");

/* ---- marks of our scripts ---- */

/** The scripts in the builder print one line as each stage begins and as it ends. */
export type Mark =
  | { mark: "start"; stage: string; step: number; of: number }
  | { mark: "done"; stage: string; seconds: number }
  | { mark: "failed"; stage: string; script: string; exitCode: number };

export function markOf(line: string): Mark | undefined {
  const [word, mark, stage, first, second, ...more] = line.split(" ");
  if (word !== "hailstack-stage" || !stage || more.length > 0) return undefined;
  const [a, b] = [numberOf(first), numberOf(second)];
  if (mark === "start" && a !== undefined && b !== undefined) return { mark, stage, step: a, of: b };
  if (mark === "done" && a !== undefined && second === undefined) return { mark, stage, seconds: a };
  if (mark === "failed" && first && b !== undefined) return { mark, stage, script: first, exitCode: b };
  return undefined;
}

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;

/* ---- phases of the builder ---- */

/** Where a build stands, in the order of a good one. */
export type Phase = "preparing" | "launching" | "connecting" | "provisioning" | "stopping" | "imaging" | "cleaning up";

/** By what Packer and its plugin 1.1 begin each with; a test looks these up in the programs themselves. */
export const phaseBeginnings: readonly (readonly [string, Phase])[] = [
  ["Launching server...", "launching"],
  ["Creating floating IP using network ", "connecting"],
  ["Associating floating IP ", "connecting"],
  ["Waiting for SSH to become available...", "connecting"],
  ["Connected to SSH!", "provisioning"],
  ["Provisioning with ", "provisioning"],
  ["Running local shell script: ", "provisioning"],
  ["Stopping server: ", "stopping"],
  ["Creating the image: ", "imaging"],
  ["Provisioning step had errors: ", "cleaning up"],
  ["Terminating the source server: ", "cleaning up"],
  ["Deleted temporary floating IP ", "cleaning up"],
  ["Deleting temporary keypair: ", "cleaning up"],
  ["Deleting volume: ", "cleaning up"],
];

/** The phase that begins with this line of Packer's own; only shown, never decided by. */
export const phaseOf = (line: string): Phase | undefined =>
  phaseBeginnings.find(([beginning]) => line.startsWith(beginning))?.[1];
