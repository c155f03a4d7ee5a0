/** Runs the engine given as first argument, and interrupts it as often as lines come in; tells how it ended. */
import { createInterface } from "node:readline";
import { EngineFailure, openEngine } from "../../src/pulumi/engine.ts";

const [path = "", folder = "", ...args] = process.argv.slice(2);
const engine = openEngine(path, "3.257.0", {
  PATH: process.env["PATH"],
  FOLDER: folder,
  GIVEN: "yes",
  UNSET: undefined,
});
// As hailstack itself: signals are heard, and do not end the process.
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => process.stdout.write(`heard ${signal}\n`));
createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "stop") engine.stop();
  else engine.interrupt();
  process.stdout.write(`did ${line}\n`);
});
const ended = await engine.run(args, folder, { ADDED: "too" }).then(
  ({ stdout }) => ({ stdout }),
  (error: unknown) =>
    error instanceof EngineFailure
      ? { exitCode: error.exitCode ?? null, output: error.output }
      : { bug: String(error) },
);
process.stdout.write(`${JSON.stringify(ended)}\n`);
process.exit();
