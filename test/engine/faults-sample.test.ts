/** A few of the fault runs (test/faults) on every commit; all of them are `npm run test:faults`. */
import { beforeAll, describe, expect, inject, test } from "vitest";
import { chosenCases } from "../faults/all-cases.ts";
import type { FaultCase, Reference } from "../faults/case.ts";
import { playCase, playReference } from "../faults/play.ts";
import { readOptions } from "../faults/options.ts";

const s3Endpoint = inject("s3Endpoint");
const seed = "sample";

/** Kind, title, and how it must end where that does not hang on the moment. */
const sample = [
  ["calls", /^volume\.volumes\.create #1: lost answer$/, /^rolled back$/],
  ["calls", /^compute\.keypairs\.create #1: lost answer$/, /^rolled back$/],
  ["calls", /^network\.ports\.create #1: 429$/, /^converged$/],
  ["calls", /^compute\.servers\.show #2: 503$/, /^converged$/],
  ["kill", /^create killed .* after request/, /, then (converged|destroyed)$/],
  ["int", /^create interrupted .* after request/, /, exit (130|0)$/],
  ["destroy-kill", /^destroy killed .* with its engine/, /^(?!ended before)./],
  ["outage", /^the store away for good/, /restored$/],
] as const;

let reference: Reference;
beforeAll(async () => {
  reference = await playReference(s3Endpoint);
});

function first(kind: string, title: RegExp): FaultCase {
  const [found] = chosenCases({ ...readOptions(["--seed", seed, "--only", kind]), match: title }, reference);
  if (found === undefined) throw new Error(`no case of ${kind} is called ${title.source}`);
  return found;
}

describe.concurrent("one thing going wrong", () => {
  test.for(sample)("keeps every promise: %s, %s", async ([kind, title, wanted]) => {
    const { broken, log, end } = await playCase(s3Endpoint, seed, first(kind, title));
    expect(broken.length > 0 ? [...broken, log] : []).toEqual([]);
    expect(end).toMatch(wanted);
  });
});
