/** Values of options that must be more than text. */
import { resolve } from "node:path";
import { InvalidArgumentError } from "commander";

/** Of every command that logs in to nodes, for `.option(...sshKeyOption)`; it comes as an absolute path. */
export const sshKeyOption = [
  "--ssh-key <file>",
  "private key to log in with, instead of the agent's",
  (path: string): string => resolve(path),
] as const;

/** A positive number of minutes, at most a day. */
export function minutes(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1440) return value;
  throw new InvalidArgumentError("it must be a number of minutes, more than 0 and at most 1440.");
}
