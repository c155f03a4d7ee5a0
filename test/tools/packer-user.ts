/** Builds the template given as second argument below the folder given as first, as hailstack would; tells how it went. */
import { readFileSync } from "node:fs";
import { HailstackError } from "../../src/errors.ts";
import { openInterrupts } from "../../src/host/interrupts.ts";
import { openPackerRig } from "./packer-rig.ts";

const [folder = "", template = ""] = process.argv.slice(2);
const rig = await openPackerRig(folder);
const report = (one: object) => void process.stdout.write(`${JSON.stringify(one)}\n`);
const builder = rig.open(openInterrupts(), { report });
const end = await builder.build(rig.build(readFileSync(template, "utf8"))).then(
  ({ id }) => ({ id }),
  (error: unknown) =>
    error instanceof HailstackError ? { exitCode: error.exitCode, problems: error.problems } : { bug: String(error) },
);
process.stdout.write(`${JSON.stringify({ event: "end", ...end })}\n`);
process.exit();
