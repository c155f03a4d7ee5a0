/** What the tests of packer/ share: kits with other scripts, and runs of the real ones that change nothing here. */
import { execFile, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { readBundles, type Bundle } from "../../src/config/bundles.ts";
import { openFiles } from "../../src/host/files.ts";
import { checkout } from "../support/checkout.ts";

export const kit = join(checkout, "packer");
const overlayScript = join(checkout, "test/packer/overlay");

/** Names of the stages, in order. */
export const stages = readFileSync(join(kit, "stages"), "utf8").trimEnd().split("\n");

/** Programs of Python packages that `npm test` installs. @throws Error when it has not */
export function pythonProgram(name: string): string {
  const python = process.env["HAILSTACK_TEST_PYTHON"];
  if (!python) throw new Error(`HAILSTACK_TEST_PYTHON must name a Python that has ${name} beside it; npm test sets it`);
  return join(dirname(python), name);
}

/** Every bundle there is: ours, and the one of the tests' bakes. */
export async function everyBundle(): Promise<readonly Bundle[]> {
  const asset = async (name: string) => readFileSync(join(checkout, name), "utf8");
  return (await readBundles({ files: openFiles(), asset }, join(checkout, "test/bundle/bundles.toml"))).all;
}

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-packer-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Files by path below `folder`. */
export function layFiles(folder: string, files: Readonly<Record<string, string>>, mode = 0o644): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode });
    chmodSync(join(folder, path), mode);
  }
  return folder;
}

/** This machine, as lib.sh names it. */
function thisPlatform(): string {
  const told = spawnSync("sh", ["-c", '. /etc/os-release && echo "$ID-$VERSION_ID"'], { encoding: "utf8" });
  return told.stdout.trim();
}

/** packer/ as it is, with this machine among the platforms. */
export function copyOfKit(platform = ""): string {
  const copy = temporaryFolder();
  cpSync(kit, copy, { recursive: true });
  return layFiles(copy, { [`platforms/${thisPlatform()}.env`]: `# shellcheck shell=bash\n${platform}` });
}

/** packer/ with other stages: text of the script by name, in order. */
export function kitOf(scripts: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  cpSync(join(kit, "bake"), join(folder, "bake"));
  const texts = Object.entries(scripts).map(([name, text]) => [`scripts/${name}.sh`, text]);
  return layFiles(folder, { stages: `${Object.keys(scripts).join("\n")}\n`, ...Object.fromEntries(texts) });
}

export type Inputs = Partial<Record<"bundle.env" | "network.env" | "artifacts", string>>;

/** A folder as `imageInputs` describes it. */
export function inputsOf(more: Inputs = {}): string {
  const network = "HTTP_PROXY_URL=''\nNO_PROXY_HOSTS=''\nAPT_MIRROR=''\nPYPI_INDEX=''\n";
  return layFiles(temporaryFolder(), {
    "bundle.env": "BUNDLE_ID='b1'\n",
    "network.env": network,
    artifacts: "",
    ...more,
  });
}

export type Ran = { code: number; out: string };

/** Both streams as one are in `out`. */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ran> {
  // A bash whose input is one of Node's sockets takes itself for a login from afar, and reads ~/.bashrc.
  const line = ["-c", 'exec "$@" 2>&1 </dev/null', "sh", program, ...args];
  return new Promise((resolve, reject) => {
    execFile("/bin/sh", line, { env, maxBuffer: 64 * 1024 * 1024 }, (error, out) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === "number") resolve({ code, out });
      else reject(error ?? new Error(`${program} ended without a code`));
    });
  });
}

/** Folders of this machine by their path in the overlay. */
export type Shown = { put?: Record<string, string>; bind?: Record<string, string>; env?: Record<string, string> };
export type Overlaid = Ran & {
  /** Text of a file that was written; undefined when it is not there. */ read(path: string): string | undefined;
};

/** Runs `command` as root over this machine's file system, in which nothing changes. */
export async function inOverlay(
  command: readonly string[],
  { put = {}, bind = {}, env = {} }: Shown,
): Promise<Overlaid> {
  const written = temporaryFolder();
  const options = [
    ...Object.entries(put).flatMap(([to, from]) => ["--put", `${from}:${to}`]),
    ...Object.entries(bind).flatMap(([to, from]) => ["--bind", `${from}:${to}`]),
    ...Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
  ];
  const ran = await run(overlayScript, [written, ...options, "--", ...command]);
  return { ...ran, read: (path) => readIn(written, path) };
}

/** Text of the file at `path` below `root`. */
export function readIn(root: string, path: string): string | undefined {
  const folder = join(root, dirname(path));
  const name = join(root, path).slice(folder.length + 1);
  try {
    return readdirSync(folder).includes(name) ? readFileSync(join(folder, name), "utf8") : undefined;
  } catch {
    return undefined;
  }
}

function whyNoOverlay(): string | undefined {
  if (process.getuid?.() !== 0) return "it is not run as root";
  const folder = mkdtempSync(join(tmpdir(), "hailstack-packer-"));
  const { status, stderr } = spawnSync(overlayScript, [folder, "--", "true"], { encoding: "utf8" });
  rmSync(folder, { recursive: true, force: true });
  return status === 0 ? undefined : `this machine gives root no overlay: ${stderr.trim()}`;
}

const reason = whyNoOverlay();
/** Whether runs in an overlay are possible here; `npm test` says why where they are not. */
export const canOverlay = reason === undefined;
export function tellSkipped(file: string): void {
  if (reason !== undefined) process.stderr.write(`${file}: what the bake writes to a system is skipped: ${reason}\n`);
}
