/**
 * The fault runs: hailstack with one thing going wrong, several hundred times. Each case prints its end; what broke a
 * promise can be played again with the same seed: `npm run test:faults -- --seed 1 --only kill --case 17`.
 * With `nodes` as the first word, faults are played on the nodes of a real cluster instead (nodes/run.ts).
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startS3 } from "../support/s3.ts";
import { readOptions } from "./options.ts";
import { copyCommandLine } from "./own-copy.ts";
import type { Result } from "./play.ts";
import { summarise } from "./summary.ts";

const [first, ...others] = process.argv.slice(2);
if (first === "nodes") {
  const { playOnNodes } = await import("./nodes/run.ts");
  await playOnNodes(others);
  process.exit();
}
const say = (text: string) => void process.stdout.write(`${text}\n`);
const options = readOptions(process.argv.slice(2));
process.env.HAILSTACK_TEST_MAIN ??= copyCommandLine();
// Loaded now: the rig reads that variable when it is loaded.
const [{ chosenCases }, { playAll, playReference }] = await Promise.all([
  import("./all-cases.ts"),
  import("./play.ts"),
]);

const s3 = await startS3();
try {
  const reference = await playReference(s3.endpoint);
  const { operations, createMs, destroyMs } = reference;
  const cases = chosenCases(options, reference);
  say(`seed ${options.seed}: ${cases.length} cases, ${options.jobs} at a time`);
  say(`a good create: ${operations.length} requests, ${createMs} ms; a good destroy: ${destroyMs} ms`);

  const logs = mkdtempSync(join(tmpdir(), "hailstack-faults-"));
  const results: Result[] = [];
  const save = () => {
    const summary = JSON.stringify(summarise(options.seed, results), null, 2);
    if (options.json !== undefined) writeFileSync(options.json, `${summary}\n`);
    return summary;
  };
  await playAll(s3.endpoint, options.seed, cases, options.jobs, (result) => {
    results.push(result);
    const { kind, number, title, end, seconds, broken, log } = result;
    const place = `${options.seed}/${kind}/${number}`;
    say(`${results.length}/${cases.length} ${place} ${title}: ${end} (${seconds} s)`);
    if (broken.length > 0) {
      const path = join(logs, `${place.replaceAll("/", "-")}.log`);
      writeFileSync(path, `${title}\n${broken.join("\n")}\n\n${log}\n`);
      for (const what of broken) say(`  BROKEN: ${what}`);
      say(`  ${path}`);
    }
    save();
  });
  say(save());
  if (results.some(({ broken }) => broken.length > 0)) process.exitCode = 1;
} finally {
  await s3.stop();
}
