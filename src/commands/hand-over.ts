/** Giving the nodes of a running cluster their files over SSH, the secret ones among them. */
import * as z from "zod/mini";
import { lastLines } from "../cluster/node-answer.ts";
import type { NodeFile } from "../cluster/node-files.ts";
import type { PlannedNode } from "../cluster/plan.ts";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { Nodes, World } from "../world.ts";
import type { Deadline } from "./deadline.ts";
import { inParallel } from "./in-parallel.ts";

/** What `apply` on a node answers: paths it wrote, units it restarted or reloaded. */
const Applied = z.object({
  written: z.array(z.string()),
  restarted: z.array(z.string()),
  reloaded: z.array(z.string()),
});
/** With what did not take what was written, when it ended with 1. */
const Refused = z.object({ refused: z.array(z.object({ message: z.string() })) });
export type Applied = z.infer<typeof Applied>;

/** A reload of nginx or a restart of daemons takes seconds on any machine, and minutes on an emulated one. */
const usualMs = 600_000;
const program = "/usr/libexec/hailstack/apply";
/** What we have the shell end with when the image has no such program; none of apply's own codes. */
const noProgram = 78;
/** Nodes at a time: each is a connection through the master, and a few are as quick as all. */
const atOnce = 16;

/**
 * Only what differs is written, and only what reads it is told, so that a second time changes nothing.
 * @returns by node name
 * @throws HailstackError (1) with every node that did not take its files; the others have theirs
 */
export async function handOver(
  world: World,
  nodes: Nodes,
  planned: readonly PlannedNode[],
  filesOf: (node: PlannedNode) => readonly NodeFile[],
  deadline: Pick<Deadline, "atMost"> = { atMost: (mostMs) => mostMs },
): Promise<Map<string, Applied>> {
  return world.terminal.stage("handing over", async (detail) => {
    const answers = new Map<string, Applied>();
    const problems: Problem[] = [];
    await inParallel(planned, atOnce, async (node) => {
      const answer = await applied(nodes, node, filesOf(node), deadline.atMost(usualMs));
      if ("slug" in answer) problems.push(answer);
      else answers.set(node.name, answer);
      detail(`${answers.size} of ${planned.length} nodes`);
    });
    if (problems.length > 0) throw new HailstackError(Exit.failed, problems);
    const written = [...answers.values()].reduce((sum, answer) => sum + answer.written.length, 0);
    detail(written === 0 ? "every node has its files" : `${written} files written on ${planned.length} nodes`);
    return answers;
  });
}

async function applied(
  nodes: Nodes,
  node: PlannedNode,
  files: readonly NodeFile[],
  timeoutMs: number,
): Promise<Applied | Problem> {
  const document = {
    files: files.map(({ path, owner, mode, content }) => ({ path, owner, mode, content })),
    start: true,
  };
  const command = ["sh", "-c", `test -x ${program} || exit ${noProgram}; exec sudo -n ${program}`];
  try {
    // On stdin: a node's arguments can be read by everybody on it.
    const { code, stdout, stderr } = await nodes.run(node.name, command, {
      stdin: JSON.stringify(document),
      timeoutMs,
    });
    const answer = Applied.safeParse(code === 0 ? parsed(stdout) : undefined);
    return answer.success ? answer.data : refused(node, code, lastWords(stdout, stderr));
  } catch (error) {
    const [problem] = error instanceof HailstackError ? error.problems : [];
    if (!problem) throw error;
    return problem.slug === "ssh-command-time" ? tooSlow(node, timeoutMs) : problem;
  }
}

const tooSlow = ({ name }: PlannedNode, timeoutMs: number): Problem => ({
  slug: "hand-over-late",
  message: `the node has not taken its files within ${Math.round(timeoutMs / 1000)} s`,
  where: name,
  fix: `see what it is busy with, then run the same command again: hailstack ssh ${name} -- systemctl list-jobs`,
});

function refused({ name }: PlannedNode, code: number, excerpt: string[]): Problem {
  if (code === noProgram)
    return {
      slug: "image-without-hailstack",
      message: "the node's image holds no hailstack programs, so it cannot become part of a cluster",
      where: name,
      fix: "build the bundle's image with this version, hailstack build-image --config <this file>, and create the cluster anew",
    };
  return {
    slug: "hand-over-failed",
    message: `the node did not take its files (exit status ${code})`,
    where: name,
    excerpt,
    fix: `run the same command again; to look: hailstack ssh ${name} -- sudo journalctl -b -n 50`,
  };
}

/** What apply complains of, else what was said last. */
function lastWords(stdout: string, stderr: string): string[] {
  const told = Refused.safeParse(parsed(stdout));
  const text = told.success ? told.data.refused.map(({ message }) => message).join("\n") : stderr;
  return lastLines(text, 5);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
