import { loadConfig } from "./src/config/load.ts";
import { openFiles } from "./src/host/files.ts";
import { readFile } from "node:fs/promises";
try { await loadConfig({ files: openFiles(), env: process.env, asset: n => readFile(n,"utf8") }, { config: process.argv[2]! }, ["state"]); } catch(e) { if (!e.problems) throw e; console.log(e.problems.length); }
