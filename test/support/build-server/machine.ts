/** The inside of a simulated build server: a folder for its disk, and what the commands of Packer's template do there. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerChannel } from "ssh2";
import { giveFile, takeFiles } from "./scp.ts";

/** Variables of bake.sh. */
export type Behaviour = Partial<Record<"BAKE_FAILS" | "BAKE_STAYS" | "BAKE_TELLS", string>>;
export type Machine = ReturnType<typeof openMachine>;

const bake = fileURLToPath(new URL("bake.sh", import.meta.url));
/** Of scp: `t` takes, `f` gives, and `r` is whole folders. */
const scp = /^scp -([rpv]*[tf]) (\S+)$/;

/** Packer uploads a script, makes it one, and runs it once. */
const runsScript = /^(?:chmod \+x \S+; .* |sudo -n bash )(\/tmp\/script_\d+\.sh)\n?$/;

/** The bake, or one of the folders that are used. */
const serverPath =
  /(?<![\w.-])\/(?:var\/tmp\/hailstack-kit\/bake|(var\/tmp|tmp|etc\/hailstack|usr\/share\/hailstack)(?=\/|\b))/g;

export function openMachine(behaviour: () => Behaviour) {
  const disk = mkdtempSync(join(tmpdir(), "hailstack-machine-"));
  for (const folder of ["tmp", "var/tmp", "bin"]) mkdirSync(join(disk, folder), { recursive: true });
  // The template's scripts become root without a password.
  writeFileSync(join(disk, "bin/sudo"), '#!/bin/sh\n[ "$1" = -n ] || exit 99\nshift\nexec "$@"\n', { mode: 0o755 });
  const children = new Set<ChildProcess>();

  /** Absolute paths of the server as those of this machine, where the stand-in of the bake may lie in `/tmp` itself. */
  const inside = (text: string): string =>
    text.replaceAll(serverPath, (_, folder?: string) => (folder === undefined ? bake : `${disk}/${folder}`));

  function runScript(command: string, channel: ServerChannel): void {
    const script = runsScript.exec(command)?.[1];
    if (script !== undefined) writeFileSync(inside(script), inside(readFileSync(inside(script), "utf8")));
    const env = { PATH: `${disk}/bin:${process.env.PATH}`, HOME: disk, DISK: disk, ...behaviour() };
    const child = spawn("/bin/sh", ["-c", inside(command)], {
      cwd: disk,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.add(child);
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    child.once("close", (code) => {
      children.delete(child);
      channel.exit(code ?? 255);
      channel.end();
    });
    channel.once("close", () => kill(child));
  }

  function kill({ pid }: ChildProcess): void {
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }

  return {
    disk,
    /** What an SSH client asks for. */
    async run(command: string, channel: ServerChannel): Promise<void> {
      const [, flags, path = ""] = scp.exec(command) ?? [];
      if (flags === undefined) return runScript(command, channel);
      let code = 0;
      try {
        await (flags.endsWith("t") ? takeFiles(channel, inside(path)) : giveFile(channel, inside(path)));
      } catch (error) {
        channel.stderr.write(`${String(error)}\n`);
        code = 1;
      }
      channel.exit(code);
      channel.end();
    },
    end(): void {
      for (const child of children) kill(child);
      rmSync(disk, { recursive: true, force: true });
    },
  };
}
