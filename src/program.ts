/** The list of commands, and the one place where an error becomes lines and an exit code. */
import { Command, CommanderError } from "commander";
import { Exit, type ExitCode, type Problem } from "./errors.ts";
import { flags, help, summaries, versionLine, type CommandName } from "./help.ts";
import type { World } from "./world.ts";

type Build = (world: World) => Command;

/** Each command's module, loaded when it is called: `create --help` must not pay for `doctor`. */
const commands: Readonly<Record<CommandName, () => Promise<Build>>> = {
  init: async () => (await import("./commands/init.ts")).initCommand,
  create: async () => (await import("./commands/create-command.ts")).createCommand,
  status: async () => (await import("./commands/status.ts")).statusCommand,
  list: async () => (await import("./commands/list.ts")).listCommand,
  ready: async () => (await import("./commands/ready.ts")).readyCommand,
  ssh: async () => (await import("./commands/ssh.ts")).sshCommand,
  open: async () => (await import("./commands/open.ts")).openCommand,
  logs: async () => (await import("./commands/logs.ts")).logsCommand,
  diagnose: async () => (await import("./commands/diagnose.ts")).diagnoseCommand,
  destroy: async () => (await import("./commands/destroy.ts")).destroyCommand,
  "build-image": async () => (await import("./commands/build-image-command.ts")).buildImageCommand,
  image: async () => (await import("./commands/image.ts")).imageCommand,
  unlock: async () => (await import("./commands/unlock.ts")).unlockCommand,
  bundle: async () => (await import("./commands/bundle.ts")).bundleCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  "convert-auth": async () => (await import("./commands/convert-auth.ts")).convertAuthCommand,
};
const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name);

/** Runs one command line; what it answers is the process's exit code. */
export async function runProgram(world: World, args: readonly string[], report: Report): Promise<number> {
  let program: Command | undefined;
  try {
    program = await buildProgram(world, args);
    await program.parseAsync(args, { from: "user" });
    return world.exitCode();
  } catch (error) {
    if (error instanceof CommanderError) return usage(world, error, commandLine(program, args));
    const { exitCode, problems } = await report(error);
    for (const problem of problems) world.terminal.report({ event: "error", exit_code: exitCode, ...problem });
    world.terminal.result({ error: problems.map(({ slug }) => slug), exit_code: exitCode });
    return exitCode;
  }
}

type Report = (error: unknown) => Promise<{ exitCode: ExitCode; problems: readonly Problem[] }>;

const commandOf = (args: readonly string[]): string => args.find((arg) => !arg.startsWith("-")) ?? "";

async function buildProgram(world: World, args: readonly string[]): Promise<Command> {
  const program = new Command("hailstack")
    .version(versionLine, "--version", flags["--version"])
    .helpOption("--help", flags["--help"])
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => world.terminal.print(text.trimEnd()), writeErr: () => {} });
  program.helpInformation = help;
  const named = commandOf(args);
  if (!isCommand(named)) {
    // Known by name, so that commander says which word is none of them.
    for (const name of Object.keys(commands)) program.command(name);
    return program;
  }
  const command = (await commands[named]())(world);
  return program.addCommand(settled(command.description(summaries[named]), program));
}

/** With the program's own ways of help and of ending, and so its own commands. */
function settled(command: Command, program: Command): Command {
  for (const one of command.commands) settled(one, program);
  return command.copyInheritedSettings(program).helpOption("--help", flags["--help"]).helpCommand(false);
}

/** `hailstack bundle list`: as far as the words before the first option name commands that have been loaded. */
function commandLine(program: Command | undefined, args: readonly string[]): string {
  const named: Command[] = program === undefined ? [] : [program];
  for (const word of args) {
    const next = named.at(-1)?.commands.find((command) => command.name() === word);
    if (next === undefined) break;
    named.push(next);
  }
  return named.map((command) => command.name()).join(" ");
}

/** Commander's own word on a bad command line, in our shape. */
function usage({ terminal }: World, error: CommanderError, line: string): ExitCode {
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
    fix: usageFix(error, `${line} --help`),
  });
  return Exit.usage;
}

/** Commander knows the nearest command or option, and says so on a line of its own. */
function usageFix({ message }: CommanderError, help: string): string {
  const near = /\(Did you mean (?:one of )?(.+)\?\)/.exec(message)?.[1];
  return near === undefined ? help : `did you mean ${near}? Else: ${help}`;
}
