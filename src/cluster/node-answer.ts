/** What a command on a node ended with, in few words. Pure. */
import type { NodeAnswer } from "../world.ts";

/** Its complaint, 300 characters at most, or else its exit status. */
export const whyEnded = ({ code, stderr }: Pick<NodeAnswer, "code" | "stderr">): string =>
  stderr.trim().slice(0, 300) || `exit status ${code}`;

/** The last `count` lines that are not empty, without the colours that consoles have. */
export const lastLines = (text: string, count: number): string[] =>
  text
    .trimEnd()
    .split(/\r?\n/)
    // oxlint-disable-next-line no-control-regex -- what begins a colour is a control character
    .map((line) => line.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]/g, ""))
    .filter((line) => line.trim() !== "")
    .slice(-count);
