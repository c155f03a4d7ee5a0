/** Plays a fault on the nodes of a cluster that works: what is said of it, and that the same command makes it well. */
import type { Ran } from "../../support/rig.ts";
import type { RealRig } from "../../support/real-rig.ts";
import type { Hands, NodeFault, NodeName } from "./fault.ts";

export type Played = {
  fault: NodeFault;
  /** Broken promises; empty when the report and what came after were right. */
  broken: string[];
  /** The problem that was told of it, as people read it. */
  told: string;
  /** Of the report, and until all was well again. */
  seconds: { report: number; mended: number };
  log: string;
};

const nodes: readonly NodeName[] = ["c1-master", "c1-worker-01", "c1-worker-02"];
const units =
  "hdfs-namenode hailstack-hdfs-layout yarn-rm mapred-history spark-master spark-history-server jupyter-lab nginx hdfs-datanode yarn-nm spark-worker netdata";

export function handsOf(rig: RealRig): Hands {
  return {
    on: (node, script) => rig.bed.exec(node, "sh", "-c", script),
    power: async (node, on) => void (await rig.bed.nodes(on ? "on" : "off", node)),
    configure: (fields) => void rig.configure(fields),
  };
}

/** `baseMs`: what a create takes that changes nothing. */
export async function playFault(rig: RealRig, fault: NodeFault, baseMs: number): Promise<Played> {
  const { inject, mend, says, by = "create", seconds = 60, restarts = [] } = fault;
  const hands = handsOf(rig);
  const broken: string[] = [];
  const before = await startsOf(rig);
  await inject(hands);

  const minutes = Math.ceil((1.5 * baseMs) / 1000 + seconds) / 60;
  const reported = await timed(() =>
    rig.hailstack(by, "--json", "--timeout", String(minutes), "--ssh-key", rig.sshKey),
  );
  broken.push(...wrongReport(reported.ran, says));

  const mending = await timed(async () => {
    await mend?.(hands);
    return rig.hailstack("create", "--ssh-key", rig.sshKey);
  });
  const { ran } = mending;
  if (ran.code !== 0) broken.push(`the same command does not make it well: exit ${ran.code}`);
  const after = await startsOf(rig);
  for (const [unit, start] of Object.entries(before)) {
    const isFree = restarts.some((pattern) => pattern.test(unit));
    if (!isFree && after[unit] !== start) broken.push(`${unit} was started again, which was none of its matter`);
  }
  return {
    fault,
    broken,
    told: problemsOf(reported.ran).map(asText).join("\n"),
    seconds: { report: reported.seconds, mended: mending.seconds },
    log: [reported.ran, ran].map(({ code, stdout, stderr }) => `${code}\n${stdout}\n${stderr}`).join("\n\n"),
  };
}

type Told = { slug: string; message: string; where?: string; excerpt?: string[]; fix: string };

/** The problems that a run told as JSON. */
export const problemsOf = ({ stdout }: Ran): Told[] =>
  stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === "error");

/** What is missing or wrong in a report. */
export function wrongReport(ran: Ran, { node, slug, message, lines, fix }: NodeFault["says"]): string[] {
  const broken: string[] = [];
  if (ran.code !== 1) broken.push(`the report ends with ${ran.code}`);
  if (/"ready": ?true/.test(ran.stdout)) broken.push("the cluster is called ready");
  const told = problemsOf(ran);
  const ours = told.find((one) => one.slug === slug && one.where === node && message.test(one.message));
  if (!ours) return [...broken, `nobody says ${slug} of ${node} with ${message}`];
  if (lines && !lines.test((ours.excerpt ?? []).join("\n"))) broken.push(`its last lines do not match ${lines}`);
  if (!fix.test(ours.fix)) broken.push(`'${ours.fix}' does not match ${fix}`);
  return broken;
}

const asText = ({ slug, message, where, excerpt = [], fix }: Told): string =>
  [`${slug}: ${message} (${where})`, ...excerpt.map((line) => `    ${line}`), `  fix: ${fix}`].join("\n");

/** Which start of each unit of each node this is; a node that does not answer has none. */
async function startsOf(rig: RealRig): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const node of nodes) {
    const told = await rig.bed.exec(node, "sh", "-c", `systemctl show -p Id,InvocationID ${units}`);
    for (const block of told.trim().split("\n\n")) {
      const id = /^Id=(.*)\.service$/m.exec(block)?.[1];
      const start = /^InvocationID=(.+)$/m.exec(block)?.[1];
      if (id && start) found[`${node} ${id}`] = start;
    }
  }
  return found;
}

async function timed(work: () => Promise<Ran>): Promise<{ ran: Ran; seconds: number }> {
  const begun = performance.now();
  const ran = await work();
  return { ran, seconds: Math.round((performance.now() - begun) / 1000) };
}
