#!/usr/bin/env node
/** Builds the real world, runs the program, ends the process; nothing else does. */
import { enableCompileCache } from "node:module";
import { quickAnswer } from "./help.ts";

const known = quickAnswer(process.argv.slice(2));
if (known === undefined) {
  enableCompileCache?.();
  const { main } = await import("./start.ts");
  process.exitCode = await main();
} else {
  // Nobody may be reading: `hailstack --help | head -1`.
  process.stdout.on("error", () => {}).write(`${known}\n`);
}
// Libraries leave sockets and servers behind when they fail; the answer is out, so nothing is waited for.
process.stdout.write("", () => process.exit());
