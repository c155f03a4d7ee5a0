/** What `apply` takes on a node is what the templates bring. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeFiles } from "../../src/cluster/node-files.ts";
import { checkout } from "../support/checkout.ts";
import { everything } from "../support/node-inputs.ts";

const readers = JSON.parse(
  readFileSync(join(checkout, "packer/files/services/usr/share/hailstack/readers.json"), "utf8"),
) as { folders: string[]; readers: { paths: string[] }[] };
const inputs = everything();
const addresses = Object.fromEntries(inputs.plan.nodes.map(({ name }, index) => [name, `10.0.0.${10 + index}`]));
const files = nodeFiles(inputs, addresses, "ssh");
const paths = [...new Set(inputs.plan.nodes.flatMap((node) => files(node).map(({ path }) => path)))].toSorted();

test.for(paths)("%s lies where apply may write", (path) => {
  const place = readers.folders.find((folder) => (folder.endsWith("/") ? path.startsWith(folder) : path === folder));
  expect(place).toBeDefined();
});

/** Read anew at each use, or by programs that are started for it; hdfs-by-workers.xml: packer/README.md says why. */
const readByNobodyThatRuns = [/^\/etc\/hosts$/, /hdfs-by-workers\.xml$/, /s3a\.xml$/, /volume\.key$/, /\.html$/];
test("every file is read by somebody, or known to need no reader", () => {
  const globs = readers.readers.flatMap(({ paths: all }) => all);
  const matches = (path: string) =>
    globs.some((glob) => new RegExp(`^${glob.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(path));
  const nobodys = paths.filter((path) => !matches(path) && !readByNobodyThatRuns.some((known) => known.test(path)));
  expect(nobodys).toEqual([]);
});
