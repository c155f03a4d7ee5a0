/** Chance that can be had again: the same seed gives the same numbers. */
import { createHash } from "node:crypto";

export type Chance = {
  /** In [0, 1). */
  fraction(): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
};

export function chanceOf(seed: string): Chance {
  let drawn = 0;
  const fraction = () => {
    drawn += 1;
    return createHash("sha256").update(`${seed} ${drawn}`).digest().readUInt32BE() / 2 ** 32;
  };
  return { fraction, whole: (least, most) => least + Math.floor(fraction() * (most - least + 1)) };
}
