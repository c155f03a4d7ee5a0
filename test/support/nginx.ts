/** A real nginx for tests: this machine's, or Debian's package unpacked beside the other tools. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const run = (program: string, args: readonly string[], cwd?: string) =>
  spawnSync(program, args, { encoding: "utf8", ...(cwd ? { cwd } : {}) });

/** Path of the program; undefined on a machine that neither has it nor can get it from its archive. */
export function findNginx(): string | undefined {
  const installed = run("sh", ["-c", "PATH=$PATH:/usr/sbin command -v nginx"]).stdout.trim();
  if (installed) return installed;
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "/tmp", ".cache"), "hailstack");
  const folder = join(cache, "test-nginx");
  const program = join(folder, "usr/sbin/nginx");
  if (!existsSync(program)) unpack(folder);
  return existsSync(program) ? program : undefined;
}

function unpack(folder: string): void {
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  run("apt-get", ["download", "nginx"], fresh);
  const [archive] = readdirSync(fresh);
  if (archive) run("dpkg-deb", ["-x", archive, "."], fresh);
  if (existsSync(folder)) rmSync(fresh, { recursive: true });
  else renameSync(fresh, folder);
}
