/** The state store goes away in mid-create: for a while, or for longer than anybody waits. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type FaultCase, type Reference, slowly } from "./case.ts";
import { chanceOf } from "./chance.ts";
import { until } from "./moments.ts";
import { pause } from "./processes.ts";
import type { Gate } from "./gate.ts";
import type { Scene, UnderWay } from "./scene.ts";
import { mustBeWhole, mustConverge, mustVanish } from "./ways-out.ts";

const shortMs = 30_000;

/** Pairs of a short and a long outage. */
export function outageCases(seed: string, reference: Reference, count: number): FaultCase[] {
  const { operations, whole } = reference;
  // Before the first request that makes something nothing can be lost.
  const firstMaking = operations.findIndex((name) => name.endsWith(".create") && !name.startsWith("identity")) + 1;
  return Array.from({ length: count * 2 }, (_, number) => {
    const chance = chanceOf(`${seed}/outage/${number}`);
    const afterRequest = chance.whole(firstMaking, operations.length - 10);
    const long = number % 2 === 1;
    return {
      kind: "outage",
      number,
      title: `the store away ${long ? "for good" : `for ${shortMs / 1000} s`} after request ${afterRequest}`,
      scene: { delays: slowly, ...(long ? { env: { HAILSTACK_STORE_PATIENCE: "6" } } : {}) },
      async play(scene, gate) {
        const run = scene.start("create");
        const phase = await until({ afterRequest, andMs: 0 }, scene, run, 0);
        await gate.close();
        const end = long ? goneForGood(scene, run, gate, whole) : backInTime(scene, run, gate, whole);
        return `${phase}: ${await end}`;
      },
    };
  });
}

async function backInTime(scene: Scene, run: UnderWay, gate: Gate, whole: Reference["whole"]): Promise<string> {
  await pause(shortMs);
  await gate.open();
  const { code } = await run.ended;
  if (code !== 0) scene.breaks(`an outage of ${shortMs / 1000} s ends create with ${code}`);
  mustBeWhole(scene, whole);
  await mustVanish(scene);
  return "absorbed";
}

async function goneForGood(scene: Scene, run: UnderWay, gate: Gate, whole: Reference["whole"]): Promise<string> {
  const { code, stderr } = await run.ended;
  await gate.open();
  if (code !== 4) scene.breaks(`create without a store ends with ${code}`);
  const folder = join(scene.rig.folder, ".local/state/hailstack/kept");
  const kept = readdirSync(folder).map((name) => join(folder, name));
  if (kept.length !== 1) scene.breaks(`${kept.length} states are kept, not one`);
  for (const path of kept) {
    if ((statSync(path).mode & 0o777) !== 0o600) scene.breaks("the kept state can be read by others");
    if (!stderr.includes(path)) scene.breaks("the message does not say where the state is kept");
  }
  const { stdout } = await scene.run("unlock", "--yes");
  if (!stdout.includes("is back in the store")) scene.breaks("unlock does not put the kept state back");
  await mustConverge(scene, whole, { twice: true });
  await mustVanish(scene);
  return "restored";
}
