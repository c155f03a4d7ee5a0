/** The few lines at the bottom of a terminal that are drawn over and over. */
import type { Outlet } from "./outlet.ts";
import { displayWidth, truncate } from "./width.ts";

export type Region = {
  /** Replaces what is there; each line is cut to the terminal's width. */
  draw(lines: readonly RegionLine[]): void;
  /** Takes it away and shows the cursor; whatever prints next starts in the first column. */
  clear(): void;
};

/** `plain` is measured and cut; `paint` colours what is left of it. */
export type RegionLine = { plain: string; paint?: (text: string) => string };

const hideCursor = "\u001B[?25l";
const showCursor = "\u001B[?25h";

/** `columns` is asked at every frame, since windows are resized. */
export function openRegion(stderr: Outlet, columns: () => number): Region {
  let widths: number[] = [];

  /** Lines drawn for a wider window have been broken by the terminal, and take more rows now. */
  const erase = (): string => {
    const rows = widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns())), 0);
    return rows === 0 ? "" : `\u001B[${rows}A\r\u001B[J`;
  };
  /** However the process ends, the user's cursor must come back. */
  const atExit = () => clear();

  function clear(): void {
    if (widths.length === 0) return;
    stderr.write(erase() + showCursor);
    widths = [];
    process.off("exit", atExit);
  }

  return {
    draw(lines) {
      // The last column stays free: filling it makes some terminals start a new line.
      const cut = lines.map(({ plain, paint }) => ({ text: truncate(plain, columns() - 1), paint }));
      const start = widths.length === 0 ? hideCursor : erase();
      if (widths.length === 0) process.once("exit", atExit);
      stderr.write(start + cut.map(({ text, paint = String }) => `${paint(text)}\n`).join(""));
      widths = cut.map(({ text }) => displayWidth(text));
    },
    clear,
  };
}
