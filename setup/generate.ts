/** Renews what is made from the schema: the editors' JSON Schema, and the README's reference. */
import { readFileSync, writeFileSync } from "node:fs";
import { configJsonSchema, referenceTable } from "../src/config/reference.ts";

const readme = new URL("../README.md", import.meta.url);
const schema = new URL("../hailstack.schema.json", import.meta.url);

writeFileSync(schema, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
writeFileSync(
  readme,
  readFileSync(readme, "utf8").replace(
    /(<!-- reference -->\n)[\s\S]*(<!-- end of reference -->)/,
    (_, start: string, end: string) => `${start}${referenceTable().trim()}\n${end}`,
  ),
);
