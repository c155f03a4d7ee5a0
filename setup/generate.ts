/** Renews what is made: the editors' JSON Schema, the README's reference, the examples of nodes' files. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { configJsonSchema, referenceTable } from "../src/config/reference.ts";
import { goldenFiles } from "../test/support/golden-nodes.ts";

const readme = new URL("../README.md", import.meta.url);
const schema = new URL("../hailstack.schema.json", import.meta.url);
const nodes = fileURLToPath(new URL("../test/golden/nodes/", import.meta.url));

writeFileSync(schema, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
writeFileSync(
  readme,
  readFileSync(readme, "utf8").replace(
    /(<!-- reference -->\n)[\s\S]*(<!-- end of reference -->)/,
    (_, start: string, end: string) => `${start}${referenceTable().trim()}\n${end}`,
  ),
);

rmSync(nodes, { recursive: true, force: true });
for (const [path, text] of Object.entries(goldenFiles())) {
  mkdirSync(dirname(nodes + path), { recursive: true });
  writeFileSync(nodes + path, text);
}
