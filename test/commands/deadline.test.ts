/** One deadline for several phases. */
import { expect, test, vi } from "vitest";
import { deadlineIn, inMinutes, inTime, requireTime } from "../../src/commands/deadline.ts";
import { Exit, failure } from "../../src/errors.ts";
import { refusalOf } from "../support/errors.ts";

const phase = { doing: "waiting for SSH", where: "c1-master", again: "hailstack create --config c.toml" };
const refused = () => Promise.reject(failure(Exit.failed, "ssh-refused", "refused", "f", { where: "c1-worker-01" }));

test("each phase gets what is left, and one that has begun a little even at the end", () => {
  vi.useFakeTimers();
  try {
    const deadline = deadlineIn(60_000, 90_000);
    expect([deadline.left(), deadline.atMost(10_000), deadline.wholeMs]).toEqual([60_000, 10_000, 90_000]);
    vi.advanceTimersByTime(55_000);
    expect([deadline.left(), deadline.atMost(10_000)]).toEqual([5_000, 5_000]);
    vi.advanceTimersByTime(60_000);
    expect([deadline.left(), deadline.atMost(10_000), deadline.atMost(1_000)]).toEqual([0, 5_000, 1_000]);
  } finally {
    vi.useRealTimers();
  }
});

test("what fails when time is up is told with the phase, and with what goes on", async () => {
  const deadline = deadlineIn(20, 90_000);
  const late = async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return refused();
  };
  const { exitCode, problems } = await refusalOf(inTime(deadline, phase, late));

  expect(exitCode).toBe(1);
  expect(problems).toMatchObject([
    { slug: "ssh-refused", where: "c1-worker-01" },
    {
      slug: "deadline-forming",
      message: "the 1.5 minutes of --timeout were over while waiting for SSH; the cluster is kept",
      where: "c1-master",
      fix: expect.stringContaining("go on: hailstack create --config c.toml (--timeout"),
    },
  ]);
});

test("what fails in time is told as it is", async () => {
  const { problems } = await refusalOf(inTime(deadlineIn(60_000), phase, refused));
  expect(problems.map(({ slug }) => slug)).toEqual(["ssh-refused"]);
});

test("no phase begins when nothing is left", async () => {
  const work = vi.fn<() => Promise<void>>();
  const { problems } = await refusalOf(inTime(deadlineIn(0, 60_000), phase, work));
  expect([problems.map(({ slug }) => slug), work.mock.calls]).toEqual([["deadline-forming"], []]);
  expect(() => requireTime(deadlineIn(60_000), phase)).not.toThrow();
});

test("minutes are told as people tell them", () => {
  expect([60_000, 90_000, 7_200_000].map(inMinutes)).toEqual(["1 minute", "1.5 minutes", "120 minutes"]);
});
