/**
 * `npm run test:faults -- nodes [--match WORDS]`: one cluster of real nodes, and one fault after the other on it. Ends with
 * a table: what went wrong, who said what of it, and whether the same command made it well.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startRealRig } from "../../support/real-rig.ts";
import type { Ran } from "../../support/rig.ts";
import { startS3 } from "../../support/s3.ts";
import { allFaults } from "./all-faults.ts";
import { playFault, type Played } from "./play.ts";

const say = (text: string) => void process.stdout.write(`${text}\n`);

/** @throws Error when the cluster does not come to be, or is not well before the first fault */
export async function playOnNodes(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { match: { type: "string", default: "" } } });
  const chosen = allFaults.filter(({ name, row }) => new RegExp(values.match, "i").test(`${row} ${name}`));
  const logs = mkdtempSync(join(tmpdir(), "hailstack-node-faults-"));
  const s3 = await startS3();
  const rig = await startRealRig({ s3Endpoint: s3.endpoint, boots: true });
  const played: Played[] = [];
  try {
    const create = async (): Promise<number> => {
      const begun = performance.now();
      mustBeWell(await rig.hailstack("create", "--ssh-key", rig.sshKey));
      return performance.now() - begun;
    };
    const firstMs = await create();
    const baseMs = await create();
    say(`a create takes ${inSeconds(firstMs)} s, one that changes nothing ${inSeconds(baseMs)} s; logs: ${logs}`);
    for (const [at, fault] of chosen.entries()) {
      const one = await playFault(rig, fault, baseMs);
      played.push(one);
      writeFileSync(
        join(logs, `${at + 1}.log`),
        `${fault.name}\n${one.broken.join("\n")}\n\n${one.told}\n\n${one.log}\n`,
      );
      say(`${at + 1}/${chosen.length} ${row(one)}`);
      for (const what of one.broken) say(`    BROKEN: ${what}`);
      if (one.broken.some((what) => what.startsWith("the same command"))) break;
    }
  } finally {
    await rig.stop();
    await s3.stop();
  }
  say(`\n${["ROW", "NODE", "TOLD AS", "REPORT", "WELL AGAIN", "WHAT"].join("  ")}\n${played.map(row).join("\n")}`);
  const right = played.filter(({ broken }) => broken.length === 0).length;
  say(`\n${right} of ${chosen.length} right`);
  if (right < chosen.length) process.exitCode = 1;
}

function mustBeWell({ code, stdout, stderr }: Ran): void {
  if (code !== 0) throw new Error(`create ends with ${code} before any fault:\n${stdout}\n${stderr}`);
}

const inSeconds = (ms: number): number => Math.round(ms / 1000);

const row = ({ fault: { row: of, name, says }, seconds, broken }: Played): string =>
  [
    of,
    says.node.padEnd(12),
    says.slug.padEnd(22),
    `${seconds.report} s`.padStart(6),
    `${seconds.mended} s`.padStart(6),
    broken.length === 0 ? "right" : "WRONG",
    name,
  ].join("  ");
