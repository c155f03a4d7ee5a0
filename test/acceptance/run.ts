/**
 * `npm run acceptance -- cloud [--only NAME]`: every variant of a cluster on a real OpenStack, from create to destroy.
 * `npm run acceptance -- qemu`: one cluster of machines that boot, looked at over SSH.
 * `npm run acceptance -- image`: the tests' bundle baked on such a machine, published, and booted.
 * Ends with 1 when something was not as it should be.
 */
import { parseArgs } from "node:util";
import { bundleId } from "../support/rig-config.ts";
import { say, table, type Row } from "./board.ts";
import { openHailstack } from "./hailstack.ts";
import { copyImage } from "./image.ts";
import { cutOff, liveOnImage } from "./images.ts";
import { findLab, type Lab } from "./lab.ts";
import { live, type Bed } from "./lifetime.ts";
import { liveOnMachines } from "./machines.ts";
import { openProject } from "./project.ts";
import { openStateBucket } from "./state-bucket.ts";
import { variants } from "./variants.ts";

type Run = { name: string; live(bed: Bed, row: Row): Promise<void> };
const beds: Record<string, { compute: Lab["compute"]; runs: readonly Run[] }> = {
  cloud: {
    compute: "fake",
    runs: variants.map((variant) => ({ name: variant.name, live: (bed, row) => live(bed, variant, row) })),
  },
  image: {
    compute: "qemu",
    runs: [
      // First, while no image has the name that each build asks for.
      { name: "cut off", live: cutOff },
      { name: "image", live: liveOnImage },
    ],
  },
  qemu: { compute: "qemu", runs: [{ name: "machines", live: liveOnMachines }] },
};

/** Whatever ends a run early, its project goes: what the command that ran had made goes with it. */
let interrupted = false;
try {
  process.exitCode = await main();
} catch (error) {
  say(`acceptance: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { only: { type: "string" } } });
  const bed = beds[positionals[0] ?? ""];
  if (!bed) throw new Error("usage: npm run acceptance -- cloud [--only NAME] | qemu | image");
  const runs = bed.runs.filter(({ name }) => values.only === undefined || name === values.only);
  if (runs.length === 0)
    throw new Error(`no variant ${values.only}; there are ${bed.runs.map(({ name }) => name).join(", ")}`);
  const rows: Row[] = [];
  await inProject(findLab(bed.compute), async (opened) => {
    for (const run of runs) {
      if (interrupted) return;
      rows.push(await attempt(opened, run));
    }
  });
  say(`\n${table(rows)}`);
  const failed = rows.filter(({ failure }) => failure !== undefined);
  for (const { name, failure } of failed) say(`\n${name}: ${failure}`);
  if (interrupted) return 130;
  say(failed.length > 0 ? `\n${failed.length} of ${rows.length} failed.` : `\nAll ${rows.length} as they should be.`);
  return failed.length > 0 ? 1 : 0;
}

/** Runs `work` in a project and bucket of its own; nothing of them is left. */
async function inProject(lab: Lab, work: (bed: Bed) => Promise<void>): Promise<void> {
  const name = `acceptance-${crypto.randomUUID().slice(0, 8)}`;
  const project = await openProject(lab, name);
  const bucket = await openStateBucket(lab, name);
  const hailstack = openHailstack(bucket.settings);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      interrupted = true;
      // A terminal has told the command as well.
      hailstack.stop(signal === "SIGINT" && process.stdin.isTTY ? undefined : signal);
    });
  }
  try {
    say(`project and bucket ${name} on ${lab.admin.url}`);
    await copyImage(project.rest, "debian-12", `hailstack-${bundleId}`);
    await work({ lab, project, bucket, hailstack });
  } finally {
    hailstack.close();
    await bucket.close();
    await project.close();
  }
}

async function attempt(bed: Bed, run: Run): Promise<Row> {
  const row: Row = { name: run.name, seconds: {} };
  try {
    await run.live(bed, row);
  } catch (error) {
    row.failure = error instanceof Error ? error.message : String(error);
  }
  await bed.project.clear();
  return row;
}
