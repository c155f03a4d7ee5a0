/** The legal ends of a run that went wrong, and the proof that it came to one. */
import type { Scene } from "./scene.ts";

/** What a good create adds to the cloud, sorted. */
export type Whole = readonly string[];

/** `create` again must end whole, and once more must find nothing to do. */
export async function mustConverge(scene: Scene, whole: Whole, { twice }: { twice: boolean }): Promise<void> {
  const ran = await scene.runUnlocked("create", "--yes");
  if (ran.code !== 0) return scene.breaks(`the next create ends with ${ran.code}`);
  mustBeWhole(scene, whole);
  if (!twice) return;
  const again = await scene.run("create");
  if (again.code !== 0 || !again.stdout.includes("0 changes"))
    scene.breaks("a create after that finds changes to make");
}

export function mustBeWhole(scene: Scene, whole: Whole): void {
  const [there, wanted] = [scene.added(), [...whole]];
  for (const thing of there) {
    const place = wanted.indexOf(thing);
    if (place === -1) scene.breaks(`there is one too many: ${thing}`);
    else wanted.splice(place, 1);
  }
  for (const thing of wanted) scene.breaks(`there is one too few: ${thing}`);
}

/** `destroy` must leave nothing, also when there is nothing to destroy any more. */
export async function mustVanish(scene: Scene): Promise<void> {
  const ran = await scene.runUnlocked("destroy", "--yes", "c1");
  const nothingThere = ran.code === 3 && ran.stderr.includes("error[cluster-not-found]");
  if (ran.code !== 0 && !nothingThere) scene.breaks(`destroy ends with ${ran.code}`);
  await mustBeGone(scene, "destroy");
}

export async function mustBeGone(scene: Scene, after: string): Promise<void> {
  for (const thing of scene.added()) scene.breaks(`${after} leaves ${thing}`);
  for (const key of await scene.stacks()) scene.breaks(`${after} leaves the stack ${key}`);
  for (const key of await scene.locks()) scene.breaks(`${after} leaves the lock ${key}`);
}
