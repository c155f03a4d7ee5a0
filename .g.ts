import { configJsonSchema, referenceTable } from "./src/config/reference.ts";
import { writeFileSync } from "node:fs";
const text = JSON.stringify(configJsonSchema(), null, 2) + "\n";
writeFileSync("hailstack.schema.json", text);
console.log(referenceTable());
