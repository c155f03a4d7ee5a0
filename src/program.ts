/** The list of commands, and the one place where an error becomes lines and an exit code. */
import { Command, CommanderError } from "commander";
import { Exit, type ExitCode, type Problem } from "./errors.ts";
import type { World } from "./world.ts";

type Build = (world: World) => Command;

/**
 * Each command's description, and its module, loaded when it is called: `--help` must not pay for Pulumi. The order is
 * the order of the help.
 */
const commands: Record<string, { summary: string; load: () => Promise<Build> }> = {
  init: {
    summary: "write a commented config for the cloud that your credentials reach",
    load: async () => (await import("./commands/init.ts")).initCommand,
  },
  create: {
    summary: "create a cluster, or bring a live one to what its config says now",
    load: async () => (await import("./commands/create.ts")).createCommand,
  },
  status: {
    summary: "show a cluster and the state of its servers",
    load: async () => (await import("./commands/status.ts")).statusCommand,
  },
  list: {
    summary: "show every cluster of the state bucket, and servers no state knows",
    load: async () => (await import("./commands/list.ts")).listCommand,
  },
  destroy: {
    summary: "delete a cluster and everything hailstack made for it",
    load: async () => (await import("./commands/destroy.ts")).destroyCommand,
  },
  unlock: {
    summary: "release the lock that a killed run has left behind",
    load: async () => (await import("./commands/unlock.ts")).unlockCommand,
  },
  doctor: {
    summary: "check the tools, the credentials, the state bucket and the clocks",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand,
  },
  "convert-auth": {
    summary: "turn the OS_* variables of an openrc.sh into a clouds.yaml",
    load: async () => (await import("./commands/convert-auth.ts")).convertAuthCommand,
  },
};

/** Runs one command line; what it answers is the process's exit code. */
export async function runProgram(
  world: World,
  version: string,
  args: readonly string[],
  report: Report,
): Promise<ExitCode> {
  try {
    const program = await buildProgram(world, version, args);
    await program.parseAsync(args, { from: "user" });
    return world.exitCode();
  } catch (error) {
    if (error instanceof CommanderError) return usage(world, error);
    const { exitCode, problems } = await report(error);
    for (const problem of problems) world.terminal.report({ event: "error", exit_code: exitCode, ...problem });
    world.terminal.result({ error: problems.map(({ slug }) => slug), exit_code: exitCode });
    return exitCode;
  }
}

type Report = (error: unknown) => Promise<{ exitCode: ExitCode; problems: readonly Problem[] }>;

async function buildProgram(world: World, version: string, args: readonly string[]): Promise<Command> {
  const program = new Command("hailstack")
    .description("Spark, Hadoop, Hail and JupyterLab clusters on OpenStack, from one TOML file.")
    .version(`hailstack ${version}`, "--version", "print the version")
    .helpOption("--help", "show this help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => world.terminal.print(text.trimEnd()), writeErr: () => {} });
  const named = args.find((arg) => !arg.startsWith("-")) ?? "";
  for (const [name, { summary, load }] of Object.entries(commands)) {
    // Only the command that is called is loaded; the others are lines of the help.
    const command = name === named ? (await load())(world) : new Command(name);
    program.addCommand(
      command.description(summary).helpOption("--help", "show this help").exitOverride().copyInheritedSettings(program),
    );
  }
  return program;
}

/** Commander's own word on a bad command line, in our shape. */
function usage({ terminal }: World, error: CommanderError): ExitCode {
  if (error.exitCode === 0) return Exit.done;
  const message =
    error.code === "commander.help"
      ? "no command given"
      : error.message
          .replace(/^error: /, "")
          .replace(/\n.*$/s, "")
          .replace(/\.$/, "");
  terminal.report({
    event: "error",
    exit_code: Exit.usage,
    slug: "usage",
    message: message.charAt(0).toLowerCase() + message.slice(1),
    fix: "hailstack --help",
  });
  return Exit.usage;
}
