/** `hailstack convert-auth`: the login of an openrc.sh as an entry of clouds.yaml. */
import { join } from "node:path";
import { Command } from "commander";
import { withCloud } from "../config/clouds-file.ts";
import { type CloudEntry, openrcEntry } from "../config/openrc.ts";
import { Exit, failure } from "../errors.ts";
import type { Env, World } from "../world.ts";

type Options = { cloud: string; write?: true };
type Needs = Pick<World, "env" | "files" | "now"> & { terminal: Pick<World["terminal"], "print" | "report"> };

/** The `convert-auth` command of the program. */
export const convertAuthCommand = (world: Needs): Command =>
  new Command("convert-auth")
    .description("turn the OS_* variables of an openrc.sh into a clouds.yaml")
    .option("--write", "put it into ~/.config/openstack/clouds.yaml, beside the clouds that are there")
    .option("--cloud <name>", "name of the entry", "openstack")
    .action((options: Options) => convertAuth(world, options));

async function convertAuth(world: Needs, { cloud, write }: Options): Promise<void> {
  const { env, terminal } = world;
  checkName(cloud);
  terminal.report({ event: "note", message: "reading OpenStack environment" });
  const entry = openrcEntry(env);
  if (write) {
    const path = await addToFile(world, cloud, entry);
    terminal.report({ event: "note", message: `clouds.yaml written to ${path}` });
    return;
  }
  const text = await withCloud(undefined, cloud, entry, "clouds.yaml");
  terminal.report({ event: "note", message: "clouds.yaml generated" });
  terminal.print(text.trimEnd());
}

/** Returns the file's path. What was there before stays beside it as a backup. */
async function addToFile(world: Needs, cloud: string, entry: CloudEntry): Promise<string> {
  const { env, files, terminal } = world;
  const path = cloudsPath(env);
  const old = await files.readTextIfThere(path);
  const text = await withCloud(old, cloud, entry, path);
  terminal.report({ event: "note", message: "clouds.yaml generated" });
  if (old !== undefined)
    await files.writeNew(await freeName(files, `${path}.bak.${timestamp(world.now())}`), old, 0o600);
  await files.writeAtomic(path, text, 0o600);
  return path;
}

/** `name`, or with a number behind it when a call of the same second has taken it. */
async function freeName(files: Needs["files"], name: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? name : `${name}-${number}`;
    if (!(await files.exists(tried))) return tried;
  }
}

function cloudsPath(env: Env): string {
  if (env["HOME"]) return join(env["HOME"], ".config", "openstack", "clouds.yaml");
  const fix = "set HOME, or print the YAML without --write and redirect it";
  throw failure(Exit.usage, "home-unset", "HOME is not set, so there is no place for clouds.yaml", fix);
}

function checkName(cloud: string): void {
  if (/^[A-Za-z0-9][\w.-]{0,63}$/.test(cloud)) return;
  const fix = "use letters, digits, '.', '_' and '-'";
  throw failure(Exit.usage, "cloud-name", `--cloud ${JSON.stringify(cloud)} is not a name for a cloud`, fix);
}

/** Local time as YYYYMMDDHHMMSS. */
function timestamp(time: Date): string {
  const parts = [time.getMonth() + 1, time.getDate(), time.getHours(), time.getMinutes(), time.getSeconds()];
  return `${time.getFullYear()}${parts.map((part) => String(part).padStart(2, "0")).join("")}`;
}
