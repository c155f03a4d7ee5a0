/** Giving nodes their files, over nodes that take them as told. */
import { expect, test } from "vitest";
import { handOver } from "../../src/commands/hand-over.ts";
import { nodeFiles } from "../../src/cluster/node-files.ts";
import { Exit, failure } from "../../src/errors.ts";
import type { NodeAnswer, Nodes, World } from "../../src/world.ts";
import { refusalOf } from "../support/errors.ts";
import { canaries, everything } from "../support/node-inputs.ts";

const inputs = everything({ "cluster.num_workers": 20 });
const addresses = Object.fromEntries(inputs.plan.nodes.map(({ name }, index) => [name, `10.0.0.${10 + index}`]));
const files = nodeFiles(inputs, addresses, "ssh");

type Asked = { node: string; command: readonly string[]; stdin: string };
const took = (written: string[]): NodeAnswer => ({
  code: 0,
  stdout: `${JSON.stringify({ written, restarted: [], reloaded: [] })}\n`,
  stderr: "",
});

async function hand(answer: (node: string) => NodeAnswer | Promise<NodeAnswer>) {
  const asked: Asked[] = [];
  const details: string[] = [];
  let [now, most] = [0, 0];
  const nodes = {
    async run(node, command, { stdin = "", timeoutMs } = {}) {
      if (!timeoutMs) throw new Error("it may take for ever");
      asked.push({ node, command, stdin });
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return answer(node);
    },
  } as Nodes;
  const stage = <T>(_: string, work: (detail: (text: string) => void) => Promise<T>) =>
    work((text) => details.push(text));
  const world = { terminal: { stage } } as unknown as World;
  const done = handOver(world, nodes, inputs.plan.nodes, files);
  await done.catch(() => {});
  return { done, asked, most, detail: details.at(-1) };
}

test("every node gets its own files whole, on stdin and nowhere else, a few nodes at a time", async () => {
  const { done, asked, most, detail } = await hand(() => took(["/etc/hosts"]));

  expect([...(await done).keys()].toSorted()).toEqual(inputs.plan.nodes.map(({ name }) => name).toSorted());
  expect(asked).toHaveLength(21);
  expect(most).toBeLessThanOrEqual(16);
  for (const { node, command, stdin } of asked) {
    const planned = inputs.plan.nodes.find(({ name }) => name === node);
    if (!planned) throw new Error(node);
    const wanted = files(planned).map(({ path, owner, mode, content }) => ({ path, owner, mode, content }));
    expect(JSON.parse(stdin)).toEqual({ files: wanted, start: true });
    for (const secret of Object.values(canaries)) expect(command.join(" ")).not.toContain(secret);
  }
  expect(asked.some(({ stdin }) => stdin.includes(canaries.spark_secret))).toBe(true);
  expect(detail).toBe("21 files written on 21 nodes");
});

test("when nothing differs, that is said", async () => {
  expect((await hand(() => took([]))).detail).toBe("every node has its files");
});

test("nodes that do not take theirs are named with their last words, and the others have theirs", async () => {
  const last = "apply: /etc/hosts: no space left on device";
  const { done, asked } = await hand((node) => {
    if (node === "c1-worker-02") return { code: 1, stdout: "", stderr: `a\nb\nc\nd\ne\n${last}\n` };
    if (node === "c1-worker-05") {
      const answer = {
        written: ["/x"],
        restarted: [],
        reloaded: [],
        refused: [{ unit: "nginx.service", message: "no" }],
      };
      return { code: 1, stdout: JSON.stringify(answer), stderr: "" };
    }
    if (node === "c1-worker-03")
      throw failure(Exit.failed, "ssh-lost", "the connection ended", "again", { where: node });
    if (node === "c1-worker-04") return { code: 0, stdout: "Last login: today\n", stderr: "" };
    return took([]);
  });

  const { exitCode, problems } = await refusalOf(done);
  expect(exitCode).toBe(Exit.failed);
  expect(problems.map(({ slug, where }) => [slug, where]).toSorted()).toEqual([
    ["hand-over-failed", "c1-worker-02"],
    ["hand-over-failed", "c1-worker-04"],
    ["hand-over-failed", "c1-worker-05"],
    ["ssh-lost", "c1-worker-03"],
  ]);
  expect(problems.find(({ where }) => where === "c1-worker-02")?.excerpt).toEqual(["b", "c", "d", "e", last]);
  expect(problems.find(({ where }) => where === "c1-worker-05")?.excerpt).toEqual(["no"]);
  expect(asked).toHaveLength(21);
});

test("an image that hailstack did not build is told as what it is", async () => {
  const { done } = await hand(() => ({ code: 78, stdout: "", stderr: "" }));
  const { problems } = await refusalOf(done);
  expect(new Set(problems.map(({ slug }) => slug))).toEqual(new Set(["image-without-hailstack"]));
});
