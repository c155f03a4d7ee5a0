/** A few of the fault runs (test/faults) on every commit; all of them are `npm run test:faults`. */
import { beforeAll, describe, expect, inject, test } from "vitest";
import { chosenCases } from "../faults/all-cases.ts";
import type { FaultCase, Reference } from "../faults/case.ts";
import { playCase, playReference } from "../faults/play.ts";
import { readOptions } from "../faults/options.ts";

const s3Endpoint = inject("s3Endpoint");
const seed = "sample";

const sample = [
  ["calls", /^volume\.volumes\.create #1: lost answer$/],
  ["calls", /^compute\.keypairs\.create #1: lost answer$/],
  ["calls", /^network\.ports\.create #2: 403$/],
  ["calls", /^compute\.servers\.show #2: 503$/],
  ["kill", /^create killed .* after request/],
  ["kill", /^create killed .* with its engine$/],
  ["int", /^create interrupted .* after request/],
  ["destroy-kill", /^destroy killed .* after request/],
  ["destroy-int", /^destroy interrupted .* after request/],
  ["outage", /^the store away for good/],
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
  test.for(sample)("keeps every promise: %s, %s", async ([kind, title]) => {
    const { broken, log } = await playCase(s3Endpoint, seed, first(kind, title));
    expect(broken.length > 0 ? [...broken, log] : []).toEqual([]);
  });
});
