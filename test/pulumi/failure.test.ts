import { expect, test } from "vitest";
import { HailstackError } from "../../src/errors.ts";
import { EngineFailure } from "../../src/pulumi/engine.ts";
import { explainFailure, type RunEnd } from "../../src/pulumi/failure.ts";

const well: RunEnd = {
  told: [],
  signalled: undefined,
  overdueMinutes: undefined,
  store: { kept: undefined, away: undefined, lockGone: false },
};
const ended = new EngineFailure(255, "Updating\nerror: no stack named 'x' found\ndone\n");
const about = (resource: string, message: string) => ({ resource, message });
const kept = { kept: "/kept/here", away: "it answered 503", lockGone: true };
const away = { kept: undefined, away: "it answered 503", lockGone: false };
const lockGone = { kept: undefined, away: "it answered 503", lockGone: true };

type Case = { what: string; end?: Partial<RunEnd>; error?: unknown; exit: number; says: string[] };
const cases: Case[] = [
  {
    what: "a state that could not be stored comes before all else",
    end: { store: kept, signalled: 130, overdueMinutes: 60, told: [about("c1-master", "m")] },
    exit: 4,
    says: ["state-not-saved: the state store stopped taking the state; the last one is kept in /kept/here"],
  },
  {
    what: "SIGINT",
    end: { signalled: 130, told: [about("c1-master", "cancelled")] },
    exit: 130,
    says: ["interrupted: stopped by a signal; what was made so far is recorded"],
  },
  {
    what: "SIGTERM",
    end: { signalled: 143 },
    exit: 143,
    says: ["interrupted: stopped by a signal; what was made so far is recorded"],
  },
  {
    what: "a store that was lost",
    end: { store: away, overdueMinutes: 60, told: [about("", "update failed")] },
    exit: 4,
    says: ["store-lost: the state store was lost in the middle: it answered 503; what was made so far is recorded"],
  },
  {
    what: "a lock that somebody else released",
    end: { store: lockGone, overdueMinutes: 60, told: [about("", "update cancelled")] },
    exit: 4,
    says: ["lock-lost: somebody else released this run's lock while it was running; what was made so far is recorded"],
  },
  {
    what: "a deadline",
    end: { overdueMinutes: 60, told: [about("c1-master", "cancelled")] },
    exit: 1,
    says: ["deadline: not done after 60 minutes; what was made so far is recorded"],
  },
  {
    what: "resources that failed, each once, in the provider's own words",
    end: {
      told: [
        about(
          "c1-master",
          "  sdk-v2/provider2.go:571: sdk.helper_schema: Error waiting for\n\tinstance: last error: %!s(<nil>): provider=openstack@3.15.2",
        ),
        about("c1-worker-01", "quota exceeded"),
        about("c1-master", "1 error occurred:\n\t* creating urn: Error waiting for instance"),
        about("", "update failed"),
      ],
    },
    exit: 1,
    says: [
      "cloud-operation: Error waiting for instance: (c1-master)",
      "cloud-operation: quota exceeded (c1-worker-01)",
    ],
  },
  {
    what: "a run of which only the whole is told",
    end: { told: [about("", "update failed\n")] },
    exit: 1,
    says: ["cloud-operation: update failed"],
  },
  {
    what: "an engine that ended without a word about a resource",
    exit: 1,
    says: ["cloud-operation: error: no stack named 'x' found"],
  },
  {
    what: "an engine that said nothing",
    error: new EngineFailure(undefined, ""),
    exit: 1,
    says: ["cloud-operation: pulumi ended with a signal"],
  },
  {
    what: "a program that failed while the engine did not",
    error: new Error("rpc"),
    end: { told: [about("", "boom")] },
    exit: 1,
    says: ["cloud-operation: boom"],
  },
];

test.for(cases)("$what", ({ end, error = ended, exit, says }) => {
  const explained = explainFailure(error, { ...well, ...end });
  if (!(explained instanceof HailstackError)) throw explained;
  expect(explained.exitCode).toBe(exit);
  expect(
    explained.problems.map(({ slug, message, where }) => `${slug}: ${message}${where ? ` (${where})` : ""}`),
  ).toEqual(says);
  for (const { fix } of explained.problems) expect(fix).toMatch(/run|again/);
  expect(explained.cause).toBe(exit > 100 ? undefined : error);
});

test("what is neither the engine's nor anybody's is a bug, and stays one", () => {
  const bug = new TypeError("undefined is not a function");
  expect(explainFailure(bug, well)).toBe(bug);
  expect(explainFailure("text", well)).toEqual(new Error("text"));
});

test("no wording of the engine decides anything", () => {
  for (const words of ["no stack named", "currently locked by", "conflict", "already exists"]) {
    const error = explainFailure(new EngineFailure(1, `error: ${words}`), well);
    expect(error).toMatchObject({ exitCode: 1, problems: [{ slug: "cloud-operation" }] });
  }
});

test("an endless message is cut", () => {
  const error = explainFailure(ended, { ...well, told: [about("c1-master", "x".repeat(10_000))] });
  expect(error).toMatchObject({ problems: [{ message: "x".repeat(600) }] });
});
