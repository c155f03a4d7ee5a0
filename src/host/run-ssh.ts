/** This machine's own `ssh`, for people: it knows their agent, their security keys and their terminal. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Exit, failure } from "../errors.ts";
import type { Env, Interrupts } from "../world.ts";
import { definedOnly, pick, waysOut } from "./passed-on.ts";

const needed = ["HOME", "USER", "LOGNAME", "TERM", "LANG", "LC_ALL", "TMPDIR", "DISPLAY", "WAYLAND_DISPLAY"];
const asking = ["XAUTHORITY", "SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE"];

/** Runs it on our three streams, to its end; its exit code, or 128 and the signal's number. @throws HailstackError (2) */
export async function runSsh(args: readonly string[], env: Env, interrupts: Interrupts): Promise<number> {
  const child = spawn("ssh", args, {
    stdio: "inherit",
    env: definedOnly({ ...waysOut(env), ...pick(env, [...needed, ...asking]) }),
  });
  // It ends in its own way, and we with it: a shell on the node must not be left by its terminal.
  const stop = interrupts.listen((_, signal) => void child.kill(signal));
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", (cause) => reject(missing(cause)));
      child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    stop();
  }
}

const missing = (cause: unknown) =>
  failure(Exit.usage, "ssh-missing", "the program 'ssh' cannot be run", "install OpenSSH's client, or put it on PATH", {
    cause,
  });
