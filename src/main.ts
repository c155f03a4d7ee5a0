#!/usr/bin/env node
/** Builds the real world, runs the program, ends the process; nothing else does. */
import { enableCompileCache } from "node:module";
import { quickAnswer } from "./help.ts";
import { xdgFolder } from "./host/xdg.ts";

const known = quickAnswer(process.argv.slice(2));
if (known === undefined) {
  // Not where Node would put it, below the temporary folder: there, another user may have been first.
  const cache = xdgFolder("cache", process.env);
  if (cache !== undefined) enableCompileCache?.(`${cache}/compiled`);
  const { main } = await import("./start.ts");
  process.exitCode = await main();
} else {
  // Nobody may be reading: `hailstack --help | head -1`.
  process.stdout.on("error", () => {}).write(`${known}\n`);
}
// Libraries leave sockets and servers behind when they fail; the answer is out, so nothing is waited for.
process.stdout.write("", () => process.exit());
