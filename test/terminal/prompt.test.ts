import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { Exit, HailstackError } from "../../src/errors.ts";
import { openTerminal } from "../../src/terminal/terminal.ts";
import { FakePipe } from "./screen.ts";

/** Somebody at a keyboard; stderr is a terminal that readline may draw on as it likes. */
function atKeyboard(env = {}) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true as const });
  const stderr = Object.assign(new FakePipe(), { isTTY: true as const, columns: 80, rows: 24 });
  return { stdin, stderr, terminal: openTerminal({ stdin, stdout: new FakePipe(), stderr, env }) };
}

async function problemOf(
  work: Promise<void>,
): Promise<{ exitCode: number; slug?: string; message?: string; fix?: string }> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HailstackError)) throw new Error(`not refused: ${String(error)}`);
  return { exitCode: error.exitCode, ...error.problems[0] };
}

test.for(["y", "Y", "yes", " YES "])("the answer %s goes on", async (answer) => {
  const { stdin, stderr, terminal } = atKeyboard();
  const asked = terminal.confirm("Delete 3 servers?", "--yes");
  stdin.write(`${answer}\n`);

  await expect(asked).resolves.toBeUndefined();
  expect(stderr.text).toContain("Delete 3 servers? [y/N] ");
});

test.for(["n", "", "yep", "y y"])('the answer "%s" aborts with exit 1', async (answer) => {
  const { stdin, terminal } = atKeyboard();
  const asked = terminal.confirm("Delete 3 servers?", "--yes");
  stdin.write(`${answer}\n`);

  expect(await problemOf(asked)).toMatchObject({
    exitCode: Exit.failed,
    slug: "aborted",
    message: "aborted: the answer was not y",
    fix: "run the same command again and answer y, or pass --yes",
  });
});

test("typing the name goes on", async () => {
  const { stdin, stderr, terminal } = atKeyboard();
  const asked = terminal.confirmByTyping("c1", "Destroy cluster c1?", "--yes c1");
  stdin.write("c1\n");

  await expect(asked).resolves.toBeUndefined();
  expect(stderr.text).toContain("Destroy cluster c1? Type the cluster name to confirm: ");
});

test.for(["C1", "c", "c1 c1", "y", ""])('typing "%s" instead of the name aborts', async (answer) => {
  const { stdin, terminal } = atKeyboard();
  const asked = terminal.confirmByTyping("c1", "Destroy?", "--yes c1");
  stdin.write(`${answer}\n`);

  expect(await problemOf(asked)).toMatchObject({ exitCode: Exit.failed, message: "aborted: the answer was not c1" });
});

test.for([
  { when: "ends while it is asked", end: (stdin: PassThrough) => stdin.end() },
  { when: "ends within the answer", end: (stdin: PassThrough) => stdin.end("c1".slice(0, 1)) },
  {
    when: "breaks, as a terminal that is gone does",
    end: (stdin: PassThrough) => stdin.destroy(new Error("read EIO")),
  },
])("an input that $when aborts", async ({ end }) => {
  const { stdin, stderr, terminal } = atKeyboard();
  const asked = terminal.confirmByTyping("c1", "Destroy?", "--yes c1");
  await vi.waitUntil(() => stderr.text.includes("Destroy?"));
  end(stdin);

  expect(await problemOf(asked)).toMatchObject({ exitCode: Exit.failed, slug: "aborted" });
});

test("an input that ended long ago aborts at once", async () => {
  const { stdin, terminal } = atKeyboard();
  stdin.end();
  stdin.resume();
  await new Promise((resolve) => stdin.once("end", resolve));

  expect(await problemOf(terminal.confirm("Go on?", "--yes"))).toMatchObject({
    exitCode: Exit.failed,
    slug: "aborted",
  });
});

test("Ctrl-C at the prompt is an interrupt", async () => {
  const { stdin, terminal } = atKeyboard();
  const asked = terminal.confirm("Go on?", "--yes");
  stdin.write("\u0003");

  expect(await problemOf(asked)).toMatchObject({ exitCode: Exit.interrupted, slug: "interrupted" });
});

test("one question can follow another", async () => {
  const { stdin, terminal } = atKeyboard();
  const first = terminal.confirm("One?", "--yes");
  stdin.write("y\n");
  await first;
  const second = terminal.confirm("Two?", "--yes");
  stdin.write("n\n");

  expect(await problemOf(second)).toMatchObject({ slug: "aborted" });
});

test("a question is shown without secrets and escape sequences", async () => {
  const { stdin, stderr, terminal } = atKeyboard();
  terminal.hide(["hunter22"]);
  const asked = terminal.confirm("Use hunter22\u001B]0;x\u0007?", "--yes");
  stdin.write("y\n");
  await asked;

  expect(stderr.text).toContain("Use ***? [y/N] ");
});

test.for([
  { when: "stdin is no terminal", stdin: false, stderr: true, env: {} },
  { when: "stderr is no terminal", stdin: true, stderr: false, env: {} },
  { when: "CI runs it", stdin: true, stderr: true, env: { CI: "1" } },
])("without asking, the flag is named with exit 2 when $when", async ({ stdin, stderr, env }) => {
  const keyboard = Object.assign(new PassThrough(), { isTTY: stdin });
  const screen = Object.assign(new FakePipe(), { isTTY: stderr });
  const terminal = openTerminal({ stdin: keyboard, stdout: new FakePipe(), stderr: screen, env });

  expect(terminal.interactive).toBe(false);
  expect(await problemOf(terminal.confirmByTyping("c1", "Destroy cluster c1?", "--yes c1"))).toMatchObject({
    exitCode: Exit.usage,
    slug: "no-terminal",
    fix: "pass --yes c1 to go on without being asked",
  });
  expect(screen.text).toBe("");
});
