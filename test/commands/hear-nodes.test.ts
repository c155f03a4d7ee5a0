/** What workers alone know: how their boot went. */
import { expect, test } from "vitest";
import { deadlineIn } from "../../src/commands/deadline.ts";
import { hearWorkers } from "../../src/commands/hear-nodes.ts";
import { Exit, failure } from "../../src/errors.ts";
import type { World } from "../../src/world.ts";
import { answeringNodes, type Answer } from "../support/answering-nodes.ts";
import { refusalOf } from "../support/errors.ts";

const [first, second] = ["c1-worker-01", "c1-worker-02"] as const;
const asked = (node: string) => `${node}: sudo /usr/libexec/hailstack/report`;
const says = (report: object): Answer => ({ code: 0, stdout: JSON.stringify(report), stderr: "" });
const well = says({ boot: { state: "done", stages: [{ stage: "names", state: "done" }] }, cloud_init: [] });
const at = (stage: string) => says({ boot: { state: "running", stages: [{ stage, state: "running" }] } });

async function hear(answers: Record<string, readonly Answer[]>, ms = 60_000) {
  const details: string[] = [];
  const stage = <T>(_: string, work: (detail: (text: string) => void) => Promise<T>) =>
    work((text) => void details.push(text));
  const world = { terminal: { stage } } as unknown as World;
  const { nodes, asked: questions } = answeringNodes(answers);
  const options = { deadline: deadlineIn(ms), sameFile: "--config c.toml", pauseMs: 1 };
  return { done: hearWorkers(world, nodes, [first, second], options), details, questions };
}

test("workers that have booted well are heard once, and those at their extras until they are done", async () => {
  const { done, details, questions } = await hear({
    [asked(first)]: [well],
    [asked(second)]: [at("extras"), at("extras"), well],
  });
  await done;
  expect(details.at(-1)).toBe("2 of 2 have booted well");
  expect(questions.filter((one) => one === asked(first))).toHaveLength(1);
});

test("each whose boot failed is told with stage, reason, last lines and where to look", async () => {
  const extras = { stage: "extras", state: "failed", message: "E: Unable to locate package nosuch" };
  const { done } = await hear({
    [asked(first)]: [says({ boot: { state: "failed", stages: [extras] } })],
    [asked(second)]: [says({ boot: { state: "done", stages: [] }, cloud_init: ["('bootcmd', ProcessError())"] })],
  });
  const { exitCode, problems } = await refusalOf(done);
  expect(exitCode).toBe(1);
  expect(problems).toEqual([
    {
      slug: "not-ready-extras",
      where: first,
      message: "extras: stage extras of first boot failed",
      excerpt: ["E: Unable to locate package nosuch"],
      fix: `look: hailstack ssh ${first} --config c.toml -- sudo tail -n 50 /var/log/hailstack/boot.log`,
    },
    {
      slug: "not-ready-boot",
      where: second,
      message: "boot: cloud-init ended with errors",
      excerpt: ["('bootcmd', ProcessError())"],
      fix: `look: hailstack ssh ${second} --config c.toml -- cloud-init status --long`,
    },
  ]);
});

test("one that does not end in time, and one that nobody gets into, are told", async () => {
  const lost = failure(Exit.failed, "ssh-lost", "gone", "f", { where: first });
  const { done } = await hear({ [asked(first)]: [lost], [asked(second)]: [at("extras")] }, 10);
  const { problems } = await refusalOf(done);
  expect(problems.map(({ slug, where, message }) => `${slug} ${where} ${message}`)).toEqual([
    `ssh-lost ${first} gone`,
    `not-ready-boot ${second} boot: it has not ended in time; it is at: extras`,
  ]);
});

test("a report that cannot be read is asked for again, and told in the end", async () => {
  const { done } = await hear({ [asked(first)]: [{ code: 1, stdout: "", stderr: "" }], [asked(second)]: [well] }, 10);
  const { problems } = await refusalOf(done);
  expect(problems).toMatchObject([{ where: first, message: expect.stringContaining("cannot be read") }]);
});
