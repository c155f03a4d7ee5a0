/** Every request of a good create, failing once, in every way a request can. */
import type { FaultKind } from "../support/cloud/faults.ts";
import type { FaultCase, Reference } from "./case.ts";
import type { Scene } from "./scene.ts";
import { mustBeGone, mustBeWhole, mustConverge, mustVanish } from "./ways-out.ts";

const ways: Readonly<Record<string, FaultKind>> = {
  "403": { kind: "refuse", status: 403 },
  "409": { kind: "refuse", status: 409 },
  "429": { kind: "refuse", status: 429, retryAfterSeconds: 1 },
  "500": { kind: "refuse", status: 500 },
  "503": { kind: "refuse", status: 503 },
  reset: { kind: "reset" },
  "lost answer": { kind: "lose-answer" },
  HTML: { kind: "html" },
};

/** As many cases as requests times ways. */
export const callCases = (reference: Reference): FaultCase[] =>
  requestsOf(reference)
    .flatMap((request) => Object.entries(ways).map(([way, fault]) => ({ request, way, fault })))
    .map(({ request, way, fault }, number) => caseOf("calls", number, request, way, fault, reference));

/** The first request of each operation, never answered: few, for each takes as long as patience does. */
export const silenceCases = (reference: Reference): FaultCase[] =>
  requestsOf(reference)
    .filter(({ nth }) => nth === 1)
    .map((request, number) => caseOf("silence", number, request, "no answer", { kind: "timeout" }, reference));

type Request = { operation: string; nth: number };

function requestsOf({ operations }: Reference): Request[] {
  const seen = new Map<string, number>();
  return operations.map((operation) => {
    const nth = (seen.get(operation) ?? 0) + 1;
    seen.set(operation, nth);
    return { operation, nth };
  });
}

const caseOf = (
  kind: string,
  number: number,
  { operation, nth }: Request,
  way: string,
  fault: FaultKind,
  { whole }: Reference,
): FaultCase => ({
  kind,
  number,
  title: `${operation} #${nth}: ${way}`,
  play: async (scene) => {
    const { faults } = scene.rig.cloud;
    faults.add({ match: { operation }, nth, fault });
    const ran = await scene.run("create");
    const struck = faults.hits()[0] === 1;
    faults.clear();
    const { method } = scene.rig.cloud.journal.find((entry) => entry.operation === operation) ?? {};
    // A question that was answered at the second try leaves nothing behind; two ways are proof of that.
    const thorough = method !== "GET" || way === "lost answer" || way === "HTML";
    return `${await end(scene, ran.code, whole, thorough)}${struck ? "" : " (request not made)"}`;
  },
});

/** `thorough`: a cluster that is whole must go wholly as well. */
async function end(scene: Scene, code: number, whole: Reference["whole"], thorough: boolean): Promise<string> {
  if (code === 0) {
    mustBeWhole(scene, whole);
    if (thorough) await mustVanish(scene);
    return "converged";
  }
  if (scene.added().length === 0) {
    await mustBeGone(scene, "the failed create");
    const made = scene.rig.cloud.journal.some(({ method, service }) => method === "POST" && service !== "identity");
    return made ? "rolled back" : "nothing made";
  }
  await mustConverge(scene, whole, { twice: true });
  await mustVanish(scene);
  return "resumed";
}
