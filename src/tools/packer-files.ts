/** What Packer finds in its private folder, and what it leaves there. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import { pipeline } from "node:stream/promises";
import { makeFolder } from "../host/make-folder.ts";
import type { ImageBuild } from "../world.ts";

/** Bytes of one result; a list of everything inside an image has a few million. */
const largestResult = 64 * 1024 * 1024;

export type Plugin = { path: string; version: string; protocol: string };

/**
 * Lays the plugin where Packer looks for it, below `folder`: it loads nothing whose name does not tell its version and
 * protocol, nor what has no checksum beside it. A link, so that nothing large is copied: `packer plugins install` takes
 * three times as long.
 */
export async function layPlugin(folder: string, { path, version, protocol }: Plugin): Promise<void> {
  const place = join(folder, "github.com/hashicorp/openstack");
  const name = `packer-plugin-openstack_v${version}_${protocol}_${process.platform}_${goArchitecture()}`;
  await makeFolder(place);
  await symlink(path, join(place, name));
  await writeFile(join(place, `${name}_SHA256SUM`), await sha256Of(path), { mode: 0o600 });
}

const goArchitecture = (): string => (process.arch === "x64" ? "amd64" : process.arch);

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}

export type LaidBuild = {
  variablesFile: string;
  resultsDir: string;
  remove(): Promise<void>;
};

/** Writes what the template needs below a new folder of `runDir`, for us alone. */
export async function layBuild(runDir: string, build: ImageBuild): Promise<LaidBuild> {
  const folder = await mkdtemp(join(runDir, "image-"));
  const [inputsDir, resultsDir] = [join(folder, "inputs"), join(folder, "results")];
  const [variablesFile, keyFile] = [join(folder, "variables.json"), join(folder, "key")];
  await Promise.all([inputsDir, resultsDir].map((path) => mkdir(path, { mode: 0o700 })));
  for (const [path, text] of Object.entries(build.files)) await write(insideOf(inputsDir, path), text);
  await write(keyFile, build.sshPrivateKey);
  const own = { inputs_dir: inputsDir, results_dir: resultsDir, ssh_private_key_file: keyFile };
  await write(variablesFile, JSON.stringify({ ...build.variables, ...own }));
  return { variablesFile, resultsDir, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function write(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path));
  await writeFile(path, text, { mode: 0o600 });
}

/** @throws Error, a bug, for a path that leads out of `folder` */
function insideOf(folder: string, path: string): string {
  const whole = normalize(join(folder, path));
  if (!whole.startsWith(`${folder}/`)) throw new Error(`${path} leads out of the folder of inputs`);
  return whole;
}

/** Text by name of every regular file that is not absurdly large. */
export async function readResults(folder: string): Promise<Record<string, string>> {
  const found = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  const results: Record<string, string> = {};
  for (const path of found.map(({ name }) => join(folder, name)).toSorted())
    if ((await stat(path)).size <= largestResult) results[basename(path)] = await readFile(path, "utf8");
  return results;
}
