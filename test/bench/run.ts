/** `npm run bench [-- --only NAME] [--json]`: the figures of the project, each measured beside what it is held against. */
import { parseArgs } from "node:util";
import { labDriver } from "./lab-place.ts";
import { figureLine, isReached, type Figure, type Row } from "./row.ts";
import { configError } from "./rows/config-error.ts";
import { create20Lab } from "./rows/create20-lab.ts";
import { create20Simulated } from "./rows/create20-simulated.ts";
import { help } from "./rows/help.ts";
import { preflight } from "./rows/preflight.ts";
import { scale1000 } from "./rows/scale1000.ts";
import { secondCreate } from "./rows/second-create.ts";
import { status } from "./rows/status.ts";

const rows: readonly Row[] = [
  help,
  configError,
  preflight,
  create20Simulated,
  create20Lab,
  secondCreate,
  status,
  scale1000,
];

const { values } = parseArgs({
  options: { only: { type: "string", multiple: true }, json: { type: "boolean", default: false } },
});
const unknown = (values.only ?? []).filter((name) => !rows.some((row) => row.name === name));
const say = (text: string) => void process.stderr.write(`${text}\n`);

if (unknown.length > 0) {
  say(`no figure ${unknown.join(", ")}; there are: ${rows.map(({ name }) => name).join(", ")}`);
  process.exitCode = 2;
} else {
  const chosen = rows.filter(({ name }) => values.only?.includes(name) ?? true);
  const summary: Summary[] = [];
  let stopped = false;
  // Ctrl-C reaches the programs that run; their row then clears up after itself, and no other begins.
  process.once("SIGINT", () => (stopped = true));
  for (const row of chosen) if (!stopped) summary.push(await measured(row));
  if (values.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  const isGood = summary.every(({ outcome }) => outcome === "pass" || outcome === "skipped");
  process.exitCode = stopped ? 130 : isGood ? 0 : 1;
}

type Summary = {
  row: string;
  outcome: "pass" | "miss" | "skipped" | "failed";
  figures?: Figure[];
  notes?: string[];
};

async function measured(row: Row): Promise<Summary> {
  if (row.lab && labDriver() !== "fake") {
    say(`${row.name}: skipped, there is no lab with servers that exist in the API only`);
    return { row: row.name, outcome: "skipped" };
  }
  say(`${row.name}: ${row.title} ...`);
  try {
    const { figures, notes = [] } = await row.measure();
    for (const figure of figures) say(figureLine(row.name, figure));
    for (const note of notes) say(`  ${note}`);
    return { row: row.name, outcome: figures.every(isReached) ? "pass" : "miss", figures, notes };
  } catch (error) {
    say(`${row.name}: could not be measured: ${error instanceof Error ? error.message : String(error)}`);
    return { row: row.name, outcome: "failed" };
  }
}
