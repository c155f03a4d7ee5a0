import { expect, test } from "vitest";
import { table } from "../../src/terminal/table.ts";
import { displayWidth, truncate } from "../../src/terminal/width.ts";

test.for([
  { text: "c1-worker-01", width: 12 },
  { text: "Zürich", width: 6 },
  { text: "Zu\u0308rich", width: 6 },
  { text: "漢字", width: 4 },
  { text: "한국", width: 4 },
  { text: "ＡＢ", width: 4 },
  { text: "😀", width: 2 },
  { text: "👩‍👩‍👧‍👦", width: 2 },
  { text: "🇨🇭", width: 2 },
  { text: "a\u200Bb", width: 2 },
  { text: "", width: 0 },
])("$text takes $width columns", ({ text, width }) => {
  expect(displayWidth(text)).toBe(width);
});

test.for([
  { text: "c1-worker-01", columns: 12, cut: "c1-worker-01" },
  { text: "c1-worker-01", columns: 11, cut: "c1-worke..." },
  { text: "漢字漢字", columns: 7, cut: "漢字..." },
  { text: "漢字漢字", columns: 6, cut: "漢..." },
  { text: "Zu\u0308rich am See", columns: 6, cut: "Zu\u0308r..." },
  { text: "abcdef", columns: 2, cut: ".." },
  { text: "abcdef", columns: 0, cut: "" },
])("$text in $columns columns is $cut", ({ text, columns, cut }) => {
  expect(truncate(text, columns)).toBe(cut);
  expect(displayWidth(truncate(text, columns))).toBeLessThanOrEqual(columns);
});

test("columns are aligned by what is seen, numbers to the right, and no line ends in spaces", () => {
  const rows = [
    ["master", "漢字", "8"],
    ["worker-01", "Zürich", "16"],
    ["worker-02", "", ""],
  ];

  expect(table(rows, { header: ["node", "flavour", "cores"], right: [2], indent: 2 }).split("\n")).toEqual([
    "  node       flavour  cores",
    "  master     漢字         8",
    "  worker-01  Zürich      16",
    "  worker-02",
  ]);
});

test("a cell with line breaks and escape sequences stays a cell", () => {
  expect(table([["a\u001B[2J\nb", "c"]])).toBe("a b  c");
});

test("no rows are no text", () => {
  expect(table([])).toBe("");
});
