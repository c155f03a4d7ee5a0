/** The flags of `hailstack create`; what it does is in create.ts. */
import { Command } from "commander";
import type { World } from "../world.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { minutes } from "./options.ts";

/** What the deadlines of the master's stages are made for. */
export const usualMinutes = 60;

export type CreateOptions = ConfigOptions & {
  dryRun?: true;
  exitCode?: true;
  yes?: true;
  keepOnFailure?: true;
  /** False ends the command once the servers are up. */
  wait: boolean;
  sshKey?: string;
  timeout: number;
  /** Minutes. */
  drainTimeout: number;
};

export const createCommand = (world: World) =>
  new Command("create")
    .requiredOption("--config <file>", "cluster TOML file")
    .option("--dotenv <file>", "read variables from this file first")
    .option("--dry-run", "check everything and show what would change; write nothing anywhere")
    .option("--exit-code", "with --dry-run: exit 1 when something would change, 0 when nothing would")
    .option("--yes", "do not ask before workers are removed or lost things made again")
    .option("--keep-on-failure", "keep what a failed first create has made")
    .option("--no-wait", "end when the servers are up, before they are a cluster; the same command without it goes on")
    .option("--ssh-key <file>", "private key for the nodes; without it the SSH agent's")
    .option("--timeout <minutes>", "stop, as Ctrl-C would, after this long", minutes, usualMinutes)
    .option("--drain-timeout <minutes>", "give workers that are removed this long to be emptied", minutes, 30)
    .option("--json", "print events as lines of JSON; the last one is the result")
    .action(async (options: CreateOptions) => {
      const loaded = await openConfig(world, options, [
        "bundle",
        "state",
        "ssh_keys",
        "s3",
        "certificate",
        "passwords",
      ]);
      // The larger part of the program, which a mistake in the file need not wait for.
      const { create } = await import("./create.ts");
      await create(world, loaded, options);
    });
