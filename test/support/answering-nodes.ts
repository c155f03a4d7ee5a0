/** Nodes that answer as told, and refuse every other question and every careless one. */
import { vi } from "vitest";
import { HailstackError } from "../../src/errors.ts";
import type { NodeAnswer, Nodes } from "../../src/world.ts";

export type Answer = NodeAnswer | HailstackError;

/** `answers` by node and command, in order; the last of each stays. What is not in it fails the test. */
export function answeringNodes(answers: Readonly<Record<string, readonly Answer[]>>) {
  const asked: string[] = [];
  const sent: string[] = [];
  const close = vi.fn<() => Promise<void>>(async () => {});
  const nodes: Nodes = {
    close,
    forward: () => Promise.reject(new Error("nobody was to ask for a tunnel")),
    async run(node, command, { timeoutMs, maxBytes, stdin } = {}) {
      const question = `${node}: ${command.join(" ")}`;
      const before = asked.filter((one) => one === question).length;
      asked.push(question);
      if (stdin !== undefined) sent.push(stdin);
      const list = answers[question];
      const answer = list?.[Math.min(before, list.length - 1)];
      if (!answer) throw new Error(`nobody was to ask ${question}`);
      if (!timeoutMs) throw new Error(`${question} may take for ever`);
      if (command[0] === "cat" && maxBytes === undefined) throw new Error("a file of any size would be read");
      if (answer instanceof HailstackError) throw answer;
      return answer;
    },
  };
  return { nodes, asked, sent, close };
}
