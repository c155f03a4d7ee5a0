/** What a row of the table of figures is, and how its figures are judged. */

/** One number with what it must reach. */
export type Figure = {
  what: string;
  value: number;
  /** Stands after the number: `×`, ` s`, ` requests`; empty for a bare count. */
  unit: string;
} & ({ atMost: number } | { atLeast: number });

export type Measured = {
  figures: Figure[];
  /** Where the time or the memory goes; for people, one line each. */
  notes?: string[];
};

export type Row = {
  name: string;
  /** What is compared with what. */
  title: string;
  /** Runs on a real cloud only. */
  lab?: true;
  measure(): Promise<Measured>;
};

/** Whether the figure reaches its target. */
export const isReached = (figure: Figure): boolean =>
  "atMost" in figure ? figure.value <= figure.atMost : figure.value >= figure.atLeast;

/** `help: --help 1.21× (at most 1.3×): pass`. */
export function figureLine(row: string, figure: Figure): string {
  const { what, value, unit } = figure;
  const target = "atMost" in figure ? `at most ${figure.atMost}${unit}` : `at least ${figure.atLeast}${unit}`;
  return `${row}: ${what} ${rounded(value)}${unit} (${target}): ${isReached(figure) ? "pass" : "MISS"}`;
}

const rounded = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(2));
