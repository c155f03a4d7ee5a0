/**
 * A process that starts another one, in a group of its own and with a child in that group, ties it to itself, says both
 * ids, and waits; `letGo` unties it again.
 */
import { spawn } from "node:child_process";
import { tieToUs } from "../../src/host/lifeline.ts";

const engine = spawn("/bin/sh", ["-c", 'sleep 600 & echo "$$ $!"; wait'], {
  detached: true,
  stdio: ["ignore", "pipe", "ignore"],
});
const letGo = tieToUs(engine.pid ?? 0);
if (process.argv.includes("letGo")) letGo();
engine.stdout.pipe(process.stdout);
setTimeout(() => {}, 600_000);
