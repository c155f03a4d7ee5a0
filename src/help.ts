/**
 * The answers that need nothing but this file. `hailstack --help` in a script or a shell's completion shall cost no
 * more than starting node: no parser of arguments is loaded for it.
 */
import { version } from "./version.ts";

export const description = "Spark, Hadoop, Hail and JupyterLab clusters on OpenStack, from one TOML file.";
export const versionLine = `hailstack ${version}`;

/** What each command does, in the order of the help. */
export const summaries = {
  init: "write a commented config for the cloud your credentials reach",
  create: "create a cluster, or bring a live one to what its config says",
  status: "show a cluster and the state of its servers",
  list: "show the clusters of the bucket, and servers no state knows",
  ready: "have a cluster check itself again, and show what it finds",
  ssh: "log in to a node, or run a command there",
  open: "show where a page of the cluster is, or tunnel to it",
  logs: "show what a node's services have said",
  diagnose: "pack what all nodes tell of themselves, secrets masked",
  destroy: "delete a cluster and everything hailstack made for it",
  "build-image": "bake the image of a bundle, test it and publish it",
  image: "list, share, accept and prune the images of bundles",
  unlock: "release the lock that a killed run has left behind",
  bundle: "show what the bundles hold, and verify their downloads",
  doctor: "check the tools, the credentials, the bucket and the clocks",
  "convert-auth": "turn the OS_* variables of an openrc.sh into a clouds.yaml",
} as const;
export type CommandName = keyof typeof summaries;

export const flags = { "--version": "print the version", "--help": "show this help" } as const;

/** The help without a command; no line is wider than 80 columns. */
export function help(): string {
  const lines = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).map(([name, text]) => `  ${name.padEnd(12)}  ${text}`);
  return [
    "Usage: hailstack [options] [command]",
    "",
    description,
    "",
    "Options:",
    ...lines(flags),
    "",
    "Commands:",
    ...lines(summaries),
    "",
    "hailstack <command> --help shows a command's options.",
  ].join("\n");
}

/** The whole answer to `--help` or `--version` alone; undefined for every other command line. */
export function quickAnswer(args: readonly string[]): string | undefined {
  if (args.length !== 1) return undefined;
  if (args[0] === "--help") return help();
  return args[0] === "--version" ? versionLine : undefined;
}
