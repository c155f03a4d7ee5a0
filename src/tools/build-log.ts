/** The file that holds everything a build said. */
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../host/make-folder.ts";
import type { Said } from "./packer-output.ts";

/** Characters of one line; more is of use to nobody. */
const longest = 32 * 1024;

export type BuildLog = {
  /** Never fails: a full disk is no reason to throw a build away; `trouble` is told once. */
  write(said: readonly Said[]): Promise<void>;
  close(): Promise<void>;
};

/** Goes on at the end of `path`; it and the folders above are made where they are missing, for us alone. */
export async function openBuildLog(
  path: string,
  masked: (text: string) => string,
  trouble: (error: unknown) => void,
): Promise<BuildLog> {
  let file: FileHandle | undefined;
  try {
    await makeFolder(dirname(path));
    file = await open(path, "a", 0o600);
  } catch (error) {
    trouble(error);
  }
  return {
    async write(said) {
      if (!file) return;
      const text = masked(said.flatMap(logLines).join("")).split("\n").map(cut).join("\n");
      try {
        await file.appendFile(text);
      } catch (error) {
        await file.close().catch(() => {});
        file = undefined;
        trouble(error);
      }
    },
    async close() {
      await file?.close();
      file = undefined;
    },
  };
}

/** `2026-11-26T14:18:00Z ==> Launching server...`, as Packer itself shows it; what scripts print is set in. */
function logLines(said: Said): string[] {
  if (said.kind === "artifact") return [`image ${said.id}\n`];
  if (said.kind === "reason") return [];
  const time = new Date(said.time * 1000).toISOString().replace(/\.\d+Z$/, "Z");
  const sign = said.ofBuild ? (said.kind === "say" ? "==> " : "    ") : "";
  return said.lines.map((line) => `${time} ${sign}${withoutControls(line)}\n`);
}

/** A file that is shown on a terminal must not steer it. */
// oxlint-disable-next-line no-control-regex -- they are what goes
const withoutControls = (line: string): string => line.replaceAll(/[\u0000-\u0008\u000A-\u001F\u007F-\u009F]/g, "");

const cut = (line: string): string => (line.length > longest ? `${line.slice(0, longest)} [cut]` : line);
