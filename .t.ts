import { loadConfig } from "./src/config/load.ts";
import { openFiles } from "./src/host/files.ts";
import { readFile } from "node:fs/promises";
const t=performance.now();
try { const r = await loadConfig({ files: openFiles(), env: {CEPH_S3_ACCESS_KEY:"ak1234",CEPH_S3_SECRET_KEY:"sk12345",HAILSTACK_WEB_PASSWORD:"abc"}, asset: n => readFile(n,"utf8") }, { config: process.argv[2]! }, ["state","ssh_keys","passwords","packer","bundle"]);
console.log(JSON.stringify(r,null,1)); } catch(e) { console.log(e.exitCode, e.problems ?? e) }
console.log(performance.now()-t);
