/** Ctrl-C as a terminal sends it, to the whole process group, once or twice, at random moments of create and destroy. */
import { join } from "node:path";
import type { Ran } from "../support/rig.ts";
import { type FaultCase, type Reference, slowly } from "./case.ts";
import { chanceOf } from "./chance.ts";
import { type Moment, describeMoment, momentOf, until } from "./moments.ts";
import { became, pause, signal } from "./processes.ts";
import type { Scene, UnderWay } from "./scene.ts";
import { countSignals } from "./signal-counter.ts";
import { mustBeWhole, mustConverge, mustVanish } from "./ways-out.ts";

type Plan = { moment: Moment; secondAfterMs: number | undefined };

export function interruptCases(seed: string, reference: Reference, count: number, twice: boolean): FaultCase[] {
  const kind = twice ? "int-twice" : "int";
  const { createMs, operations, whole } = reference;
  return numbers(count).map((number) => {
    const plan = planOf(`${seed}/${kind}/${number}`, number, { ms: createMs, requests: operations.length }, twice);
    return withCounter(kind, number, `create ${describe(plan)}`, async (scene, signals) => {
      const run = scene.start("create");
      const phase = await until(plan.moment, scene, run, 0);
      const ran = await interrupted(scene, run, plan, signals);
      if (ran.code === 0) mustBeWhole(scene, whole);
      else await mustConverge(scene, whole, { twice: number % 3 === 0 });
      await mustVanish(scene);
      return `${phase}, exit ${ran.code}`;
    });
  });
}

export function destroyInterruptCases(seed: string, reference: Reference, count: number): FaultCase[] {
  const { destroyMs, destroyRequests } = reference;
  return numbers(count).map((number) => {
    const run = { ms: destroyMs, requests: destroyRequests };
    const plan = planOf(`${seed}/destroy-int/${number}`, number, run, number % 5 === 4);
    return withCounter("destroy-int", number, `destroy ${describe(plan)}`, async (scene, signals) => {
      if ((await scene.run("create")).code !== 0) scene.breaks("a good create fails");
      const run = scene.start("destroy", "--yes", "c1");
      const phase = await until(plan.moment, scene, run, scene.rig.cloud.journal.length);
      const ran = await interrupted(scene, run, plan, signals);
      await mustVanish(scene);
      return `${phase}, exit ${ran.code}`;
    });
  });
}

/** Sends what the plan says and judges how the run took it. */
async function interrupted(
  scene: Scene,
  run: UnderWay,
  { secondAfterMs }: Plan,
  signals: () => Map<string, number>,
): Promise<Ran> {
  const wasOver = run.hasEnded();
  if (!wasOver) signal(-run.pid, "SIGINT");
  if (secondAfterMs !== undefined) {
    await pause(secondAfterMs);
    if (!run.hasEnded()) signal(-run.pid, "SIGINT");
  }
  const ran = await run.ended;
  // What was already done when the signal came may say so.
  if (ran.code !== 130 && ran.code !== 0) scene.breaks(`an interrupted run ends with ${ran.code}`);
  if (secondAfterMs !== undefined) return ran;
  if (!(await became(async () => (await scene.locks()).length === 0, 60_000, 1_000))) {
    scene.breaks("the lock is still there 60 s after Ctrl-C");
  }
  for (const [engine, count] of signals()) if (count > 1) scene.breaks(`engine ${engine} got ${count} signals`);
  return ran;
}

function planOf(seed: string, number: number, run: { ms: number; requests: number }, twice: boolean): Plan {
  const chance = chanceOf(seed);
  const moment = momentOf(number, chance, run);
  return { moment, secondAfterMs: twice ? chance.whole(30, 1_900) : undefined };
}

const describe = ({ moment, secondAfterMs }: Plan): string =>
  `interrupted ${describeMoment(moment)}${secondAfterMs === undefined ? "" : ` and ${secondAfterMs} ms later`}`;

/** A case whose engine is the real one behind a program that counts its signals. */
const withCounter = (
  kind: string,
  number: number,
  title: string,
  play: (scene: Scene, signals: () => Map<string, number>) => Promise<string>,
): FaultCase => ({
  kind,
  number,
  title,
  scene: { delays: slowly },
  play(scene) {
    const folder = join(scene.rig.folder, "signals");
    const signals = countSignals(folder);
    scene.rig.env.HAILSTACK_TOOLCHAIN = folder;
    return play(scene, signals);
  },
});

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);
