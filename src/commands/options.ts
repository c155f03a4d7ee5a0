/** Values of options that must be more than text. */
import { InvalidArgumentError } from "commander";

/** A positive number of minutes, at most a day. */
export function minutes(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1440) return value;
  throw new InvalidArgumentError("it must be a number of minutes, more than 0 and at most 1440.");
}
