/** `hailstack ready`: has the cluster look at itself from the beginning, and shows what it finds. */
import { Command } from "commander";
import { jobRows, stageRows, type Rows } from "../cluster/readiness-text.ts";
import type { Readiness } from "../cluster/readiness.ts";
import { HailstackError } from "../errors.ts";
import type { World } from "../world.ts";
import { sameFile } from "./create-text.ts";
import { askAnew, followReady } from "./follow-ready.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { minutes, sshKeyOption } from "./options.ts";
import { nodesOf, reachNodes } from "./reach.ts";
import { openSite, type Site } from "./site.ts";

type ReadyOptions = ConfigOptions & { sshKey?: string; timeout: number };

/** Of a node that cannot be reached. */
const consoleLines = 40;

export const readyCommand = (world: World) =>
  new Command("ready")
    .option("--config <file>", "cluster TOML file", "./hailstack.toml")
    .option("--dotenv <file>", "read variables from this file first")
    .option(...sshKeyOption)
    .option("--timeout <minutes>", "say what is lacking after this long", minutes, 30)
    .option("--json", "print events as lines of JSON; the last one is the result")
    .action((options: ReadyOptions) => ready(world, options));

/** @throws HailstackError (3) without a cluster, (1) when its master never tells how it is */
async function ready(world: World, options: ReadyOptions): Promise<void> {
  const until = performance.now() + options.timeout * 60_000;
  const loaded = await openConfig(world, options, ["state"]);
  const site = await openSite(world, loaded);
  const [master, ...workers] = await nodesOf(site);
  const names = [master.name, ...workers.map(({ name }) => name)] as const;
  const ids = new Map([master, ...workers].map(({ name, id }) => [name, id]));
  const left = () => until - performance.now();
  // The workers are asked only about what the master misses of them.
  const nodes = await reachNodes(world, site, {
    sshKey: options.sshKey,
    only: [master.name],
    alsoOthers: true,
    timeoutMs: left(),
  });
  let last: Readiness | undefined;
  try {
    await askAnew(nodes, master.name);
    const target = { cluster: site.cluster, names, sameFile: sameFile(options) };
    const consoleOf = async (name: string) => site.cloud.consoleLog(ids.get(name) ?? "", consoleLines);
    const seen = (report: Readiness) => void (last = report);
    last = await followReady(world, nodes, target, { timeoutMs: left(), consoleOf, seen });
    show(world, site, names, last);
  } catch (error) {
    if (!(error instanceof HailstackError) || last === undefined) throw error;
    show(world, site, names, last, error);
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
  terminal.result({ command: "ready", cluster, ready: readiness.state === "ready", readiness, ...failed });
}
