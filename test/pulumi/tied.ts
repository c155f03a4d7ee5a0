/** A process that starts another one, ties it to itself, says its id, and waits; `letGo` unties it again. */
import { spawn } from "node:child_process";
import { tieToUs } from "../../src/pulumi/lifeline.ts";

const engine = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
const letGo = tieToUs(engine.pid ?? 0);
if (process.argv.includes("letGo")) letGo();
process.stdout.write(`${engine.pid}\n`);
setTimeout(() => {}, 600_000);
