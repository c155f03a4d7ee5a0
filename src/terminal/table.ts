/** Rows as aligned columns of plain text. */
import { cleanLine } from "./clean.ts";
import { displayWidth, pad } from "./width.ts";

export type TableOptions = {
  /** Column titles, printed as the first row. */
  header?: readonly string[];
  /** Columns, counted from 0, whose cells stand at the right, as numbers do. */
  right?: readonly number[];
  /** Spaces before every row; default 0. */
  indent?: number;
};

/** Columns are as wide as their widest cell and two spaces apart; no line ends in spaces or a line break. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { header, right = [], indent = 0 } = options;
  const cells = [...(header ? [header] : []), ...rows].map((row) => row.map(cleanLine));
  const widths: number[] = [];
  for (const row of cells) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
  }
  const line = (row: readonly string[]) =>
    row.map((cell, column) => pad(cell, widths[column] ?? 0, right.includes(column) ? "right" : "left")).join("  ");
  return cells.map((row) => (" ".repeat(indent) + line(row)).trimEnd()).join("\n");
}
