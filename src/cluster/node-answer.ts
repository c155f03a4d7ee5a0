/** What a command on a node ended with, in few words. Pure. */
import type { NodeAnswer } from "../world.ts";

/** Its complaint, 300 characters at most, or else its exit status. */
export const whyEnded = ({ code, stderr }: Pick<NodeAnswer, "code" | "stderr">): string =>
  stderr.trim().slice(0, 300) || `exit status ${code}`;

/** The last `count` lines that are not empty. */
export const lastLines = (text: string, count: number): string[] =>
  text.trimEnd().split("\n").filter(Boolean).slice(-count);
