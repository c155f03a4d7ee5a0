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

test("no two steps of the scenario have one name", () => {
  const names = scenario.map(({ name }) => name);

  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("the simulated cloud answers every call as the recorded cloud did, but for the deviations", async () => {
  const differences = differencesOf(await recorded(), await recordingOf(await openSimulated()));

  expect(judge(differences)).toEqual({ unmeant: [], stale: [] });
});

test.runIf(labEnv)(
  "the lab still answers as it was recorded",
  async () => {
    const real = await recordingOf(await openLab(labEnv ?? ""));
    if (process.env.HAILSTACK_RECORD === "1") await writeFile(recordedPath, `${JSON.stringify(real, null, 1)}\n`);

    expect(differencesOf(await recorded(), real)).toEqual([]);
  },
  5 * minutes,
);
