/** What a run tells while it goes on, and the table at its end. */
import { styleText } from "node:util";

/** One run; a step is there once it has ended, well or not. */
export type Row = { name: string; seconds: Record<string, number>; failure?: string };
export const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs one step of `row`, and tells how long it took. */
export async function timed<T>(row: Row, step: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const told = (outcome: string) => {
    const seconds = (performance.now() - startedAt) / 1000;
    row.seconds[step] = seconds;
    say(`${row.name.padEnd(24)} ${step.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s  ${outcome}`);
  };
  try {
    const value = await work();
    told(styleText("green", "ok"));
    return value;
  } catch (error) {
    told(styleText("red", "failed"));
    throw error;
  }
}

/** Columns are the steps in the order in which any row has them. */
export function table(rows: readonly Row[]): string {
  const steps = [...new Set(rows.flatMap(({ seconds }) => Object.keys(seconds)))];
  const line = (cells: readonly string[], end: string) => {
    const [first = "", ...others] = cells;
    return `${first.padEnd(24)}${others.map((cell) => cell.padStart(11)).join("")}  ${end}`;
  };
  return [
    line(["", ...steps], ""),
    ...rows.map(({ name, seconds, failure }) => {
      const cells = steps.map((step) => (seconds[step] === undefined ? "-" : `${seconds[step].toFixed(1)} s`));
      return line([name, ...cells], failure === undefined ? styleText("green", "ok") : styleText("red", "failed"));
    }),
  ].join("\n");
}
