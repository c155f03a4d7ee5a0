/**
 * The simulated cloud answers as the real one does. `recorded.json` holds what a real OpenStack (Zed) said; with
 * `HAILSTACK_LAB_ENV` (the lab's file of exports) the lab is asked again and compared with it, and with
 * `HAILSTACK_RECORD=1` as well the recording is written anew.
 */
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { runScenario } from "./client.ts";
import { type Recording, differencesOf } from "./compare.ts";
import { judge } from "./deviations.ts";
import { openLab } from "./lab.ts";
import { normalise } from "./normalise.ts";
import { scenario } from "./scenario/index.ts";
import { openSimulated } from "./simulated.ts";
import type { Target } from "./target.ts";

const recordedPath = new URL("recorded.json", import.meta.url);
const labEnv = process.env.HAILSTACK_LAB_ENV;
const minutes = 60_000;

// The file is what this test itself wrote.
const recorded = async () => JSON.parse(await readFile(recordedPath, "utf8")) as Recording;

async function recordingOf(target: Target): Promise<Recording> {
  try {
    const { answers } = await runScenario(target, scenario);
    return Object.fromEntries([...answers].map(([name, { step, answer }]) => [name, normalise(step, answer, target)]));
  } finally {
    await target.close();
  }
}

/** Without what was never recorded. */
function comparable(recording: Recording): Recording {
  const unrecorded = new Set(scenario.filter((step) => step.unrecorded).map(({ name }) => name));
  return Object.fromEntries(Object.entries(recording).filter(([name]) => !unrecorded.has(name)));
}

test("no two steps of the scenario have one name", () => {
  const names = scenario.map(({ name }) => name);

  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("a step says that it was never recorded only until it is", async () => {
  const known = await recorded();
  const names = scenario.filter(({ unrecorded }) => unrecorded).map(({ name }) => name);

  expect(names.filter((name) => name in known)).toEqual([]);
});

test("the simulated cloud answers every call as the recorded cloud did, but for the deviations", async () => {
  const differences = differencesOf(await recorded(), comparable(await recordingOf(await openSimulated())));

  expect(judge(differences)).toEqual({ unmeant: [], stale: [] });
});

test.runIf(labEnv)(
  "the lab still answers as it was recorded",
  async () => {
    const real = await recordingOf(await openLab(labEnv ?? ""));
    if (process.env.HAILSTACK_RECORD === "1") await writeFile(recordedPath, `${JSON.stringify(real, null, 1)}\n`);

    expect(differencesOf(comparable(await recorded()), comparable(real))).toEqual([]);
  },
  5 * minutes,
);
