/** SIGKILL of the command line, in half of the cases of its engine too, at random moments of create and destroy. */
import { type FaultCase, type Reference, slowly } from "./case.ts";
import { chanceOf } from "./chance.ts";
import { describeMoment, momentOf, until } from "./moments.ts";
import { signal } from "./processes.ts";
import type { Scene } from "./scene.ts";
import { mustConverge, mustVanish } from "./ways-out.ts";

export function killCases(seed: string, reference: Reference, count: number): FaultCase[] {
  const { createMs, operations, whole } = reference;
  return numbers(count).map((number) => {
    const chance = chanceOf(`${seed}/kill/${number}`);
    const moment = momentOf(number, chance, { ms: createMs, requests: operations.length });
    const [engineToo, goesOn] = [chance.fraction() < 0.5, chance.fraction() < 0.6];
    return {
      kind: "kill",
      number,
      title: `create killed ${describeMoment(moment)}${engineToo ? " with its engine" : ""}`,
      scene: { delays: slowly },
      async play(scene) {
        const run = scene.start("create");
        const phase = await until(moment, scene, run, 0);
        await killed(scene, run, engineToo);
        if (goesOn) await mustConverge(scene, whole, { twice: number % 3 === 0 });
        await mustVanish(scene);
        return `${phase}, then ${goesOn ? "converged" : "destroyed"}`;
      },
    };
  });
}

export function destroyKillCases(seed: string, reference: Reference, count: number): FaultCase[] {
  const { destroyMs, destroyRequests } = reference;
  return numbers(count).map((number) => {
    const chance = chanceOf(`${seed}/destroy-kill/${number}`);
    const moment = momentOf(number, chance, { ms: destroyMs, requests: destroyRequests });
    const engineToo = chance.fraction() < 0.5;
    return {
      kind: "destroy-kill",
      number,
      title: `destroy killed ${describeMoment(moment)}${engineToo ? " with its engine" : ""}`,
      scene: { delays: slowly },
      async play(scene) {
        if ((await scene.run("create")).code !== 0) scene.breaks("a good create fails");
        const run = scene.start("destroy", "--yes", "c1");
        const phase = await until(moment, scene, run, scene.rig.cloud.journal.length);
        await killed(scene, run, engineToo);
        await mustVanish(scene);
        return phase;
      },
    };
  });
}

async function killed(scene: Scene, { pid, ended }: { pid: number; ended: Promise<unknown> }, engineToo: boolean) {
  signal(-pid, "SIGKILL");
  if (engineToo) for (const engine of scene.engines()) signal(-engine.pid, "SIGKILL");
  await ended;
}

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);
