/** The command line itself: what there is, what each command takes, and how a wrong line is answered. */
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { runProgram } from "../../src/program.ts";
import { openTerminal } from "../../src/terminal/terminal.ts";
import { version } from "../../src/version.ts";
import type { World } from "../../src/world.ts";

type Told = { code: number; stdout: string; stderr: string };

/** A world in which nothing but the terminal may be touched. */
async function hailstack(...args: string[]): Promise<Told> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = openTerminal({ stdin: new PassThrough(), stdout, stderr, env: {} });
  const onlyTerminal = new Proxy({ terminal, exitCode: () => 0 } as unknown as World, {
    get(world, name, receiver) {
      if (Reflect.has(world, name)) return Reflect.get(world, name, receiver);
      throw new Error(`the command line touched world.${String(name)}`);
    },
  });
  const code = await runProgram(onlyTerminal, args, async (error) => {
    throw error;
  });
  return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

describe("the contract's commands", () => {
  const contract = {
    create: ["--config", "--dry-run", "--dotenv"],
    destroy: ["--config", "--dry-run", "--dotenv"],
    status: ["--config", "--json", "--dotenv"],
    "convert-auth": ["--write"],
  };

  test("are all in the help", async () => {
    const { code, stdout } = await hailstack("--help");

    expect(code).toBe(0);
    for (const command of Object.keys(contract)) expect(stdout).toMatch(new RegExp(`^  ${command} +\\w`, "m"));
  });

  test.for(Object.entries(contract))("%s takes the contract's options", async ([command, options]) => {
    const { code, stdout } = await hailstack(command, "--help");

    expect(code).toBe(0);
    for (const option of options) expect(stdout).toMatch(new RegExp(`^  ${option}\\b`, "m"));
  });

  test("status looks for ./hailstack.toml", async () => {
    expect((await hailstack("status", "--help")).stdout).toContain('(default: "./hailstack.toml")');
  });

  test.for(["create", "destroy"])("%s must be told its file", async (command) => {
    const { code, stderr } = await hailstack(command);

    expect(code).toBe(2);
    expect(stderr).toContain("error[usage]: required option '--config <file>' not specified");
    expect(stderr).toContain(`fix: hailstack ${command} --help`);
  });
});

test("a command of commands shows them, and each of them its options", async () => {
  const all = await hailstack("bundle", "--help");
  const one = await hailstack("bundle", "verify", "--help");

  expect([all.code, one.code]).toEqual([0, 0]);
  expect([...all.stdout.matchAll(/^ {2}(\w+) \[/gm)].map(([, name]) => name)).toEqual(["list", "show", "verify"]);
  expect(one.stdout).toContain("Usage: hailstack bundle verify [options] [id]");
  for (const option of ["--all", "--config", "--json", "--dotenv"]) expect(one.stdout).toContain(`  ${option} `);
});

describe("a command of two words", () => {
  test("lists the second ones, and has a help for each", async () => {
    const { code, stdout } = await hailstack("image", "--help");
    expect(code).toBe(0);
    for (const command of ["list", "share", "accept", "prune"]) {
      expect(stdout).toMatch(new RegExp(`^  ${command} .*\\w`, "m"));
      const own = await hailstack("image", command, "--help");
      expect([own.code, own.stdout]).toEqual([0, expect.stringContaining(`Usage: hailstack image ${command} `)]);
      expect(own.stdout).toMatch(/^ {2}--dotenv /m);
    }
  });

  test("must have its second", async () => {
    const { code, stdout, stderr } = await hailstack("image");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("error[usage]: no command given");
    expect(stderr).toContain("fix: hailstack image --help");
  });
});

test("--version prints one line", async () => {
  expect(await hailstack("--version")).toEqual({ code: 0, stdout: `hailstack ${version}\n`, stderr: "" });
});

describe("a wrong command line ends with 2, tells what is wrong, and touches nothing", () => {
  test.for([
    { args: [], says: "no command given", fix: "hailstack --help" },
    { args: ["explode"], says: "unknown command 'explode'", fix: "hailstack --help" },
    { args: ["constructor"], says: "unknown command 'constructor'", fix: "hailstack --help" },
    { args: ["creat"], says: "unknown command 'creat'", fix: "did you mean create? Else: hailstack --help" },
    {
      args: ["status", "--dotnev", "x"],
      says: "unknown option '--dotnev'",
      fix: "did you mean --dotenv? Else: hailstack status --help",
    },
    { args: ["status", "--bogus"], says: "unknown option '--bogus'", fix: "hailstack status --help" },
    { args: ["create", "--config"], says: "option '--config <file>' argument missing", fix: "hailstack create --help" },
    { args: ["image", "lst"], says: "unknown command 'lst'", fix: "did you mean list? Else: hailstack image --help" },
    { args: ["image", "list", "--bogus"], says: "unknown option '--bogus'", fix: "hailstack image list --help" },
    { args: ["image", "help"], says: "unknown command 'help'", fix: "hailstack image --help" },
    { args: ["status", "extra"], says: "too many arguments for 'status'", fix: "hailstack status --help" },
    { args: ["create", "--timeout", "0"], says: "a number of minutes, more than 0", fix: "hailstack create --help" },
    { args: ["create", "--timeout", "soon"], says: "a number of minutes, more than 0", fix: "hailstack create --help" },
    { args: ["bundle"], says: "no command given", fix: "hailstack bundle --help" },
    {
      args: ["bundle", "lst"],
      says: "unknown command 'lst'",
      fix: "did you mean list? Else: hailstack bundle --help",
    },
    { args: ["bundle", "list", "x"], says: "too many arguments for 'list'", fix: "hailstack bundle list --help" },
    {
      args: ["bundle", "show", "--jsn"],
      says: "unknown option '--jsn'",
      fix: "did you mean --json? Else: hailstack bundle show --help",
    },
    {
      args: ["ssh", "worker-01", "ls"],
      says: "a command comes after '--': hailstack ssh NODE -- COMMAND",
      fix: "hailstack ssh --help",
    },
    { args: ["open", "grafana"], says: "Allowed choices are jupyter", fix: "hailstack open --help" },
    { args: ["open", "--port", "70000"], says: "a port, 0 to 65535", fix: "hailstack open --help" },
    { args: ["destroy", "--timeout", "1441"], says: "at most 1440", fix: "hailstack destroy --help" },
  ])("$args", async ({ args, says, fix }) => {
    const { code, stdout, stderr } = await hailstack(...args);

    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("hailstack: error[usage]: ");
    expect(stderr).toContain(says);
    expect(stderr).toContain(`  fix: ${fix}\n`);
  });
});
