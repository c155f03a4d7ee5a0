/** The examples in `test/golden/nodes/` are what is made today; `npm run generate` renews them. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTree } from "../../src/host/read-tree.ts";
import { checkout } from "../support/checkout.ts";
import { goldenFiles } from "../support/golden-nodes.ts";

const made = goldenFiles();
const kept = await readTree(join(checkout, "test/golden/nodes"));

test("there is one example for each file that is made", () => {
  expect(Object.keys(kept)).toEqual(Object.keys(made).toSorted());
});

test.for(Object.entries(made))("%s", ([path, text]) => {
  expect(text).toBe(kept[path]);
});
