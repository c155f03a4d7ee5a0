/** What paths.test.ts runs: puts something into a run folder and ends as its argument says. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openInterrupts } from "../../src/host/interrupts.ts";
import { makeRunDir } from "../../src/host/run-dir.ts";

openInterrupts();
const folder = await makeRunDir(process.env);
await writeFile(join(folder, "state.json"), "{}");
process.stdout.write(`${folder}\n`);
if (process.argv[2] === "throw") throw new Error("thrown on purpose");
if (process.argv[2] === "SIGTERM") {
  setInterval(() => {}, 60_000);
  process.kill(process.pid, "SIGTERM");
}
