/** Preflight's questions about one flavour. Pure. */
import type { Problem } from "../errors.ts";
import type { Flavour, Image } from "../world.ts";
import { near, problem } from "./problem.ts";

/** What a server's disk and memory must be at least, and who says so: `image 'ubuntu-22.04'`. */
export type ServerNeeds = { by: string; diskGib: number; ramMib: number };

/** Nothing without an image: that it is missing is told elsewhere. */
export const needsOfImage = (image: Image | undefined): ServerNeeds | undefined =>
  image && { by: `image '${image.name}'`, diskGib: image.minDiskGib, ramMib: image.minRamMib };

/** The one flavour of that name; undefined when there is none or more than one. */
export function flavourNamed(name: string, flavours: readonly Flavour[]): Flavour | undefined {
  const matching = flavours.filter((flavour) => flavour.name === name);
  return matching.length === 1 ? matching[0] : undefined;
}

export function flavourProblems(name: string, flavours: readonly Flavour[], needs: ServerNeeds | undefined): Problem[] {
  const matching = flavours.filter((flavour) => flavour.name === name);
  const [flavour] = matching;
  if (!flavour) {
    const fix = `choose one the project has: ${near(flavours.map((one) => one.name))}`;
    return [problem("flavour-missing", `flavour '${name}' not found`, fix, name)];
  }
  if (matching.length > 1) {
    const message = `${matching.length} flavours are called '${name}': ${matching.map(({ id }) => id).join(", ")}`;
    return [problem("flavour-ambiguous", message, "ask the cloud's operators to rename one", name)];
  }
  return needs ? tooSmall(flavour, needs) : [];
}

function tooSmall({ name, diskGib, ramMib }: Flavour, needs: ServerNeeds): Problem[] {
  const problems: Problem[] = [];
  // A flavour with a disk of 0 takes the image's own size.
  if (diskGib > 0 && diskGib < needs.diskGib) {
    const message = `flavour '${name}' has a disk of ${diskGib} GiB, ${needs.by} needs ${needs.diskGib} GiB`;
    problems.push(problem("flavour-disk", message, "choose a flavour with a larger disk", name));
  }
  if (ramMib < needs.ramMib) {
    const message = `flavour '${name}' has ${ramMib} MiB of memory, ${needs.by} needs ${needs.ramMib} MiB`;
    problems.push(problem("flavour-memory", message, "choose a flavour with more memory", name));
  }
  return problems;
}
