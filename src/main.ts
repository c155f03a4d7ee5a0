#!/usr/bin/env node
/** Builds the real world, runs the program, ends the process; nothing else does. */
import { enableCompileCache } from "node:module";
enableCompileCache?.();
const { main } = await import("./start.ts");
process.exitCode = await main();
// Libraries leave sockets and servers behind when they fail; the answer is out, so nothing is waited for.
process.stdout.write("", () => process.exit());
