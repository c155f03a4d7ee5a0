/** `hailstack open`: where a page of the cluster is, or a way to it through SSH. */
import { Argument, Command, InvalidArgumentError } from "commander";
import { Exit, failure } from "../errors.ts";
import type { Loaded } from "../config/load.ts";
import type { Nodes, World } from "../world.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { sshKeyOption } from "./options.ts";
import { nodesOf, reachNodes } from "./reach.ts";
import { openSite, type Site } from "./site.ts";

const pages = ["jupyter", "spark", "sparkhist", "yarn", "mapreduce", "hdfs", "netdata"] as const;
type Page = (typeof pages)[number];
type OpenOptions = ConfigOptions & { sshKey?: string; tunnel?: true; port: number };

const httpsPort = 443;

export const openCommand = (world: World) =>
  new Command("open")
    .addArgument(new Argument("[page]", "which page").choices(pages).default("jupyter"))
    .option("--config <file>", "cluster TOML file", "./hailstack.toml")
    .option("--dotenv <file>", "read variables from this file first")
    .option(...sshKeyOption)
    .option("--tunnel", "lead a port of this machine through SSH to the master's pages, until Ctrl-C")
    .option("--port <number>", "that port, with --tunnel; 0 takes a free one", portNumber, 0)
    .action((page: Page, options: OpenOptions) => open(world, page, options));

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("it must be a port, 0 to 65535.");
}

async function open(world: World, page: Page, options: OpenOptions): Promise<void> {
  const { terminal } = world;
  const loaded = await openConfig(world, options, ["state"]);
  const site = await openSite(world, loaded);
  const [master] = await nodesOf(site);
  refuseUnwatched(site, page);
  if (!options.tunnel) {
    terminal.print(`https://${master.address}/${page}/`);
    note(world, hintOf(loaded));
    if (!loaded.config.security_groups.master.https) {
      note(world, "security_groups.master.https is off, so this address may answer nobody: add --tunnel");
    }
    return;
  }
  const nodes = await reachNodes(world, site, { sshKey: options.sshKey, only: [master.name], timeoutMs: 20_000 });
  try {
    await keepTunnel(world, nodes, master.name, { page, port: options.port, hint: hintOf(loaded) });
  } finally {
    await nodes.close();
  }
}

const fingerprint = "hailstack ssh -- openssl x509 -noout -fingerprint -sha256 -in /etc/nginx/ssl/hailstack.crt";

/** How to log in, and why a browser may warn. */
function hintOf({ config }: Loaded): string {
  const why = config.web.certificate_file
    ? "where the certificate is not for this address"
    : "of the certificate, which the cluster made itself";
  return `user hailstack; a browser warns ${why}; to compare its fingerprint: ${fingerprint}`;
}

/** @throws HailstackError (3) */
function refuseUnwatched({ state, cluster }: Site, page: Page): void {
  if (page !== "netdata" || state?.outputs?.monitoring_enabled) return;
  const message = `cluster '${cluster}' was made without monitoring, so there is no Netdata page`;
  throw failure(Exit.preflight, "no-monitoring", message, 'a new cluster with cluster.monitoring = "netdata" has one');
}

/** Until the first signal, which is how it is meant to end. */
async function keepTunnel(
  world: World,
  nodes: Nodes,
  master: string,
  { page, port, hint }: { page: Page; port: number; hint: string },
): Promise<void> {
  const tunnel = await nodes.forward(master, port, httpsPort);
  world.terminal.print(`https://127.0.0.1:${tunnel.port}/${page}/`);
  note(world, hint);
  note(world, "Ctrl-C ends the tunnel");
  await new Promise<void>((done) => {
    const stop = world.interrupts.listen(() => {
      stop();
      done();
    });
  });
  await tunnel.close();
}

const note = ({ terminal }: World, message: string): void => terminal.report({ event: "note", message });
