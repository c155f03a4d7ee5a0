/** Plays cases: each on a cloud and a bucket of its own, several at a time. */
import type { FaultCase, Reference } from "./case.ts";
import { slowly } from "./case.ts";
import { openGate } from "./gate.ts";
import { openScene } from "./scene.ts";

export type Result = {
  kind: string;
  number: number;
  title: string;
  end: string;
  seconds: number;
  /** Promises that were broken; none in a good case. */
  broken: string[];
  /** What hailstack printed. */
  log: string;
};

export async function playCase(s3Endpoint: string, seed: string, one: FaultCase): Promise<Result> {
  const { kind, number, title } = one;
  const started = Date.now();
  const gate = await openGate(s3Endpoint);
  const scene = await openScene({ s3Endpoint: gate.endpoint, seed: `${seed}/${kind}/${number}`, ...one.scene });
  let end = "broke off";
  try {
    end = await one.play(scene, gate);
  } catch (error) {
    scene.breaks(`the case broke off: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    await scene.close();
    await gate.close();
  }
  const bugs = scene.rig.cloud.surprises.filter((surprise) => surprise.kind === "bug");
  for (const { request, detail } of bugs) scene.breaks(`the simulated cloud has a bug: ${request}: ${detail}`);
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  return { kind, number, title, end, seconds, broken: scene.broken, log: scene.log.join("\n") };
}

/** `jobs` at a time, in order; `onEnd` hears of each. */
export async function playAll(
  s3Endpoint: string,
  seed: string,
  cases: readonly FaultCase[],
  jobs: number,
  onEnd: (result: Result) => void,
): Promise<void> {
  const left = [...cases];
  const lane = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) onEnd(await playCase(s3Endpoint, seed, one));
  };
  await Promise.all(Array.from({ length: jobs }, lane));
}

/** A create and a destroy to which nothing happens. @throws Error when even they fail */
export async function playReference(s3Endpoint: string): Promise<Reference> {
  const scene = await openScene({ s3Endpoint, seed: "reference", delays: slowly });
  try {
    const { journal } = scene.rig.cloud;
    const timed = async (command: string, ...args: string[]) => {
      const started = Date.now();
      const { code, stderr } = await scene.run(command, ...args);
      if (code !== 0) throw new Error(`a good ${command} ends with ${code}:\n${stderr}`);
      return Date.now() - started;
    };
    const createMs = await timed("create");
    const whole = scene.added();
    const operations = journal.map(({ operation }) => operation);
    const destroyMs = await timed("destroy", "--yes", "c1");
    const left = scene.added();
    if (left.length + scene.broken.length > 0) throw new Error([...left, ...scene.broken].join("; "));
    return { whole, operations, createMs, destroyMs, destroyRequests: journal.length - operations.length };
  } finally {
    await scene.close();
  }
}
