/** From servers that are up to a cluster that works: the nodes get their files over SSH, and the master says when. */
import { asMade, type NodeInputs } from "../cluster/node-view.ts";
import { nodeFiles } from "../cluster/node-files.ts";
import { addressesOf, type Outputs } from "../cluster/outputs.ts";
import { masterOf } from "../cluster/plan.ts";
import type { Readiness } from "../cluster/readiness.ts";
import { readState } from "../cluster/store.ts";
import type { Nodes, World } from "../world.ts";
import { usualMinutes, type CreateOptions } from "./create-command.ts";
import { inTime, requireTime, type Deadline } from "./deadline.ts";
import { askAnew, askUnlessKnown, followed, followReady } from "./follow-ready.ts";
import { handOver } from "./hand-over.ts";
import { hearWorkers } from "./hear-nodes.ts";
import { nodesOf, reachNodes } from "./reach.ts";
import type { Site } from "./site.ts";
import { takeBack } from "./take-back.ts";

export type Formed = {
  readiness: Readiness;
  /** What the Hail job did, in a few words. */
  detail: string;
  /** SHA-256 of the web front's certificate, told by the master itself over SSH: what a browser shows can be compared. */
  fingerprint?: string;
};

/**
 * Every part of it may be run again: what is as it should be stays as it is, and a cluster that was ready and got
 * nothing new does no Hail job again as long as all else that makes it ready still holds.
 * @throws HailstackError (1) naming node, stage and reason; the cluster is kept, and the next run goes on
 */
export async function formCluster(
  world: World,
  site: Site,
  inputs: NodeInputs,
  outputs: Outputs,
  options: CreateOptions,
  deadline: Deadline,
): Promise<Formed> {
  const { plan } = inputs;
  const master = masterOf(plan).name;
  // As it is now: `site` was read before anything was made.
  const made: Site = { ...site, state: await readState(site.bucket, site.cluster) };
  const { target, consoleOf } = followed(made, await nodesOf(made), options);
  const again = `hailstack create ${target.sameFile}`;
  const phase = (doing: string) => ({ doing, where: master, again });

  const nodes = await inTime(deadline, phase("waiting for SSH"), () =>
    reachNodes(world, made, { sshKey: options.sshKey, timeoutMs: deadline.left() }),
  );
  try {
    const applied = await inTime(deadline, phase("handing the nodes their files"), async () => {
      const files = nodeFiles(asMade(inputs, outputs), addressesOf(outputs, master), "ssh");
      const answers = await handOver(world, nodes, plan.nodes, files, deadline);
      await takeBack(nodes, plan);
      return answers;
    });
    requireTime(deadline, phase("handing the nodes their files"));
    const patience = { left: deadline.left, stretch: options.timeout / usualMinutes };
    const isNew = [...applied.values()].some(({ written }) => written.length > 0);
    if (isNew) await askAnew(nodes, master, patience);
    else await askUnlessKnown(nodes, master, site.cluster, patience);
    const readiness = await followReady(world, nodes, target, { deadline, consoleOf });
    await hearWorkers(world, nodes, target.names.slice(1), { deadline, sameFile: target.sameFile });
    const fingerprint = await fingerprintOf(nodes, master);
    const { seconds, detail } = readiness.job;
    return {
      readiness,
      detail: `a Hail job ran ${detail} in ${seconds.toFixed(1)} s`,
      ...(fingerprint ? { fingerprint } : {}),
    };
  } finally {
    await nodes.close();
  }
}

/** undefined when the master has no certificate to tell of. */
async function fingerprintOf(nodes: Nodes, master: string): Promise<string | undefined> {
  const command = ["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", "/etc/nginx/ssl/hailstack.crt"];
  const { code, stdout } = await nodes.run(master, ["sudo", "-n", ...command]);
  return code === 0 ? /=((?:[0-9A-F]{2}:?){32})/.exec(stdout)?.[1] : undefined;
}
