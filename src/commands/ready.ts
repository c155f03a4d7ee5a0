/** `hailstack ready`: has the cluster look at itself from the beginning, and shows what it finds. */
import { Command } from "commander";
import { jobRows, stageRows, type Rows } from "../cluster/readiness-text.ts";
import type { Readiness } from "../cluster/readiness.ts";
import { HailstackError } from "../errors.ts";
import type { World } from "../world.ts";
import { deadlineIn } from "./deadline.ts";
import { askAnew, followed, followReady } from "./follow-ready.ts";
import { hearWorkers } from "./hear-nodes.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { minutes, sshKeyOption } from "./options.ts";
import { nodesOf, reachNodes } from "./reach.ts";
import { openSite, type Site } from "./site.ts";

/** What the deadlines of the master's stages are made for. */
const usualMinutes = 30;

type ReadyOptions = ConfigOptions & { sshKey?: string; timeout: number };

export const readyCommand = (world: World) =>
  new Command("ready")
    .option("--config <file>", "cluster TOML file", "./hailstack.toml")
    .option("--dotenv <file>", "read variables from this file first")
    .option(...sshKeyOption)
    .option("--timeout <minutes>", "say what is lacking after this long", minutes, usualMinutes)
    .option("--json", "print events as lines of JSON; the last one is the result")
    .action((options: ReadyOptions) => ready(world, options));

/** @throws HailstackError (3) without a cluster, (1) when its master never tells how it is */
async function ready(world: World, options: ReadyOptions): Promise<void> {
  const deadline = deadlineIn(options.timeout * 60_000);
  const loaded = await openConfig(world, options, ["state"]);
  const site = await openSite(world, loaded);
  const all = await nodesOf(site);
  const { target, consoleOf } = followed(site, all, options);
  const [{ name: master }] = all;
  // The workers are asked when the master is done, or misses something of them.
  const nodes = await reachNodes(world, site, {
    sshKey: options.sshKey,
    only: [master],
    alsoOthers: true,
    timeoutMs: deadline.left(),
  });
  let last: Readiness | undefined;
  try {
    await askAnew(nodes, master, { left: deadline.left, stretch: options.timeout / usualMinutes });
    const seen = (report: Readiness) => void (last = report);
    last = await followReady(world, nodes, target, { deadline, consoleOf, seen });
    await hearWorkers(world, nodes, target.names.slice(1), { deadline, sameFile: target.sameFile });
    show(world, site, target.names, last);
  } catch (error) {
    if (!(error instanceof HailstackError) || last === undefined) throw error;
    show(world, site, target.names, last, error);
  } finally {
    await nodes.close();
  }
}

/** A cluster that is not ready is an answer too, with all that is known of it; and its problems end the command with 1. */
function show(
  world: World,
  { cluster }: Site,
  nodes: readonly string[],
  readiness: Readiness,
  { problems, exitCode }: Pick<HailstackError, "problems" | "exitCode"> = { problems: [], exitCode: 0 },
): void {
  const { terminal } = world;
  const tableOf = ({ rows, header }: Rows): string => terminal.table(rows, header);
  const parts = [stageRows(readiness), ...(readiness.job.state === "waiting" ? [] : [jobRows(readiness, nodes)])];
  terminal.print(parts.map(tableOf).join("\n\n"));
  for (const problem of problems) terminal.report({ event: "error", exit_code: exitCode, ...problem });
  world.setExitCode(exitCode);
  const failed = problems.length > 0 ? { error: problems.map(({ slug }) => slug), exit_code: exitCode } : {};
  terminal.result({
    command: "ready",
    cluster,
    ready: exitCode === 0 && readiness.state === "ready",
    readiness,
    ...failed,
  });
}
